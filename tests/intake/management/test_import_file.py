"""The command that imports a file."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def test_a_file_is_imported_with_columns_named_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "shop.csv"
    path.write_text("Ref;When;Thing;N;Each\n1;3.4.2024;A;1;2,50\n")
    wanted = "order_number=Ref,ordered_at=When,sku=Thing,quantity=N,unit_price=Each"
    with pytest.raises(CommandError, match="currency"):
        call_command("import_file", path, f"--mapping={wanted}")
    call_command("import_file", path, "--format=generic", f"--mapping={wanted}", "--currency=EUR")
    assert "net revenue 2.50 EUR" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no column"):
        call_command("import_file", path, "--mapping=sku=Nope")
