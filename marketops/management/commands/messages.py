"""Collect the strings people see and compile their translations, without the system's gettext programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
OURS = [
    "backoffice",
    "shop",
    "intake",
    "profiles",
    "predictions",
    "segments",
    "recommendations",
    "delivery",
    "ads",
    "campaigns",
    "marketops",
    "templates",
]
THEIRS = ["unfold", "rest_framework_api_key"]  # installed packages that speak to people and ship no Chinese
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
UNDATED = datetime(
    2026, 1, 1, tzinfo=UTC
)  # a date that moves with every run would be a diff that says nothing
BRANDS = {"English", "简体中文", "ALS", "API", "Marketops", "RFM", "SKU", "Shopify"}


def po_path() -> Path:
    return Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / "django.po"


def _python(path: Path) -> bytes:
    """The file as Python tokens with gettext calls; of a template everything else is blanked out."""
    if path.suffix == ".py":
        return path.read_bytes()
    lines = templatize(path.read_text()).splitlines()  # type: ignore[no-untyped-call]  # no types there
    return "\n".join(line.strip() for line in lines).encode()


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        if not {"migrations", "tests", "static"} & set(path.relative_to(root).parts):
            yield path


def _extracted(root: Path) -> Iterator[tuple[Any, str | None]]:
    for path in _sources(root):
        for _line, msgid, _comments, context in extract(
            "python", io.BytesIO(_python(path)), keywords=KEYWORDS
        ):
            yield msgid, context


def _translated_by_django() -> set[str]:
    """What Django's own Chinese catalogues already say: not ours to repeat for the packages we build on."""
    known: set[str] = set()
    for part in ("conf", "contrib/admin", "contrib/auth"):
        catalogue = Path(django.__file__).parent / part / "locale" / LOCALE / "LC_MESSAGES" / "django.mo"
        with catalogue.open("rb") as file:
            known |= {
                message.id if isinstance(message.id, str) else message.id[0] for message in read_mo(file)
            }
    return known


def collected() -> Catalog:
    """Every msgid of our code and templates, and those of the packages that ship no Chinese."""
    catalogue = Catalog(locale=LOCALE, creation_date=UNDATED, fuzzy=False)
    for folder in OURS:
        for msgid, context in _extracted(settings.BASE_DIR / folder):
            catalogue.add(msgid, context=context)
    known = _translated_by_django()
    for package in THEIRS:
        installed = find_spec(package)
        for root in (installed and installed.submodule_search_locations) or []:
            for msgid, context in _extracted(Path(root)):
                if msgid not in known:
                    catalogue.add(msgid, context=context)
    return catalogue


def stored() -> Catalog:
    """The translations as they stand in the .po file; empty where there is none yet."""
    if not po_path().exists():
        return Catalog(locale=LOCALE, fuzzy=False)
    with po_path().open("rb") as file:
        return read_po(file, locale=LOCALE)


def merged() -> Catalog:
    """The stored translations of exactly the msgids that are in use."""
    fresh, catalogue = collected(), stored()
    catalogue.update(fresh, no_fuzzy_matching=True)
    catalogue.creation_date = catalogue.revision_date = UNDATED
    catalogue.header_comment = (
        "# Simplified Chinese. Written by `manage.py messages`; edit only the msgstr lines."
    )
    return catalogue


def complaints(catalogue: Catalog) -> list[str]:
    """One line for each msgid without a translation and each translation whose placeholders differ from its
    msgid's."""
    missing = [
        f"not translated: {message.id!r}"
        for message in catalogue
        if message.id and message.id not in BRANDS and not any(_strings(message.string))
    ]
    wrong = [
        f"{message.id!r}: {error}"
        for message, errors in catalogue.check()
        for error in errors
        if any(_strings(message.string))
    ]
    return missing + wrong


def _strings(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (string,)


class Command(BaseCommand):
    help = "Collect translatable strings into locale/ and compile the translations."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile what is already translated")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; list what is missing or wrong and fail"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            found = complaints(merged())
            if found:
                raise CommandError(
                    "\n".join([*found, f"{len(found)} strings: translate them in {po_path()}."])
                )
            return
        if not options["compile"]:
            self._collect()
        with po_path().with_suffix(".mo").open("wb") as file:
            write_mo(file, stored())

    def _collect(self) -> None:
        catalogue = merged()
        po_path().parent.mkdir(parents=True, exist_ok=True)
        with po_path().open("wb") as file:
            write_po(file, catalogue, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
        untranslated = sum(not any(_strings(message.string)) for message in catalogue if message.id)
        self.stdout.write(f"{len(catalogue)} strings, {untranslated} without Chinese: {po_path()}")
