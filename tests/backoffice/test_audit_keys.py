from __future__ import annotations

import pytest

from backoffice.audit_keys import AuditKey


@pytest.mark.parametrize("parts", [("email", "marketing", "yes"), ("name", "young|women")])
def test_a_key_is_read_as_it_was_written(parts: tuple[str, ...]) -> None:
    key = AuditKey(parts)
    assert AuditKey.parse(str(key), parts=len(parts)) == key


def test_a_key_with_fewer_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="has not 3 parts"):
        AuditKey.parse("email|marketing", parts=3)
