"""Every exception from a linter or a type checker says why, on its own line, and that line is no longer than
others: ruff does not measure lines that end in such an exception."""

from __future__ import annotations

import re
import subprocess

from django.conf import settings

# "noqa: S608 - why" and "type: ignore[misc]  # why"; a bare one names neither its rule nor its reason
EXCEPTION = re.compile(r"# ?(noqa\b|type: ignore\b)(.*)")
REASON = re.compile(r"(?:: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[a-z, -]+\])(?: +#| -) *\S.*\w")
LONGEST_LINE = 110


def sources() -> dict[str, str]:
    """The text of every tracked Python file but migrations, by its path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout
    return {
        name: path.read_text()
        for name in listed.splitlines()
        if "/migrations/" not in name and (path := settings.BASE_DIR / name).is_file()
    }


def without_a_reason(text: str) -> list[str]:
    """The lines of a source that make an exception and do not say why."""
    return [
        line
        for line in text.splitlines()
        if (found := EXCEPTION.search(line)) and not REASON.match(found[2]) and "re.compile" not in line
    ]


def test_every_exception_says_why() -> None:
    guilty = {
        name: lines
        for name, text in sources().items()
        if not name.endswith("test_reasons.py") and (lines := without_a_reason(text))
    }
    assert not guilty


def test_no_line_is_too_long() -> None:
    guilty = [
        f"{name}:{number}"
        for name, text in sources().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert not guilty


def test_a_reason_is_words_behind_the_rule() -> None:
    silent = [
        "x  # noqa",
        "x  # noqa: S608",
        "x  # type: ignore",
        "x  # type: ignore[misc]",
        "x  # noqa: S1 -",
    ]
    spoken = [
        "x  # noqa: S608 - own names",
        "x  # type: ignore[misc, arg-type]  # no types",
        "x = 1  # plain",
    ]
    assert without_a_reason("\n".join([*silent, *spoken])) == silent
