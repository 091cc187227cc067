"""manage.py seed_demo: fill an empty shop with invented facts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.errors import Refused
from shop.actions.demo.origin import is_demo_shop, shop_in_use
from shop.actions.demo.removal import remove_demo
from shop.actions.demo.seeding import seed_demo
from shop.demo.vocabulary import LANGUAGES


class Command(BaseCommand):
    help = (
        "Fill an empty shop with invented, reproducible facts: catalogue, customers, two years of orders,"
        " browsing, ads."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=4000, help="how many customers (default 4000)")
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed gives the same shop (default 1)"
        )
        parser.add_argument(
            "--language", choices=sorted(LANGUAGES), default="en", help="of names and titles (default en)"
        )
        parser.add_argument(
            "--currency", default="", help="ISO code (default: GBP in English, CNY in Chinese)"
        )
        parser.add_argument(
            "--reset", action="store_true", help="remove the demo data first, then invent anew"
        )
        parser.add_argument(
            "--remove", action="store_true", help="only remove the demo data: the shop is empty afterwards"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask before removing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["customers"] < 1:
            raise CommandError("--customers must be at least 1.")
        try:
            if (options["reset"] or options["remove"]) and shop_in_use():
                self._remove(asking=not options["yes"])
            if options["remove"]:
                return
            if shop_in_use() and is_demo_shop():
                self.stdout.write("The demo shop is already there (--reset invents it anew).")
                return
            written = seed_demo(
                customers=options["customers"],
                seed=options["seed"],
                language=options["language"],
                currency=options["currency"].upper(),
                progress=self._progress,
            )
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(
            "Demo shop: " + ", ".join(f"{count:,} {kind}" for kind, count in written.items()) + "."
        )

    def _remove(self, *, asking: bool) -> None:
        if (
            asking
            and input("This deletes the demo shop and all that was derived from it. Type yes to go on: ")
            != "yes"
        ):
            raise CommandError("Nothing was deleted.")
        remove_demo()
        self.stdout.write("The demo data are gone.")

    def _progress(self, done: int, total: int | None = None, step: str = "") -> None:
        if total and total > 100_000:
            self.stdout.write(f"{done:,} of {total:,} customers")
