"""What can be done with a segment of any method: naming it, colouring it, exporting its customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from backoffice.readers import PERSONAL_DATA
from backoffice.templatetags.formats import number
from segments.algorithms.ad_audiences import for_google, for_meta
from segments.colours import COLOURS
from segments.models import Segment
from shop.models import Channel, CustomerQuerySet


def free_colour(among: models.QuerySet[Segment], position: int | None = None) -> str:
    """A colour that no segment of `among` has; when all are taken, the one at `position`."""
    taken = set(among.values_list("colour", flat=True))
    otherwise = COLOURS[(len(taken) if position is None else position) % len(COLOURS)]
    return next((colour for colour in COLOURS if colour not in taken), otherwise)


def expect_free_name(name: str, *, besides: Segment | None = None, field: str = "name") -> None:
    """Raises Refused when another segment in force has the name, whatever the case of the letters: two that
    look alike in every list would be chosen for each other."""
    wanted = " ".join(name.split()).casefold()
    for other in Segment.objects.in_force():
        if other != besides and other.name.casefold() == wanted:
            raise Refused(
                _("A segment has the name “%(name)s” already (%(method)s): choose another name.")
                % {"name": other.name, "method": other.get_method_display()},
                field=field,
            )


def rename_segment(*, segment: Segment, name: str, by: User) -> None:
    """Give a group a name of one's own; an empty name brings the suggested one back."""
    require(by, "segments.change_segment")
    name = name.strip()
    longest = Segment._meta.get_field("custom_name").max_length or 0
    if len(name) > longest or not name.isprintable():
        raise Refused(_("Choose a name of at most %d ordinary characters.") % longest, field="name")
    if name and name != segment.name:
        expect_free_name(name, besides=segment)
    before = segment.name
    segment.custom_name = name
    segment.save(update_fields=["custom_name"])
    record(by=by, verb="segment.rename", about=segment, before=before, after=segment.name)


class Content(models.TextChoices):
    """What each row says."""

    NUMBERS = "numbers", gettext_lazy("customer numbers only")
    CONTACTS = "contacts", gettext_lazy("names and addresses")
    GOOGLE = "google", gettext_lazy("ad audience for Google (hashed)")
    META = "meta", gettext_lazy("ad audience for Meta (hashed)")


# In a small group a name, or an ad that follows somebody, gives away what the group is about. Platforms
# refuse below 100 as well.
FEWEST = {Content.NUMBERS: 1, Content.CONTACTS: 10, Content.GOOGLE: 100, Content.META: 100}
HASHES = {Content.GOOGLE: for_google, Content.META: for_meta}
CONTACTS = ["external_id", "email", "phone", "first_name", "last_name", "country"]


@dataclass(frozen=True)
class Export:
    filename: str
    head: list[str]
    rows: Iterator[Sequence[Any]]


def export_segment(*, segment: Segment, content: str, by: User) -> Export:
    """The segment's customers as rows, read while they are sent. Written to the audit trail with their
    number.

    More than numbers needs the right to export customers. Ad audiences hold those only who agreed to them.
    Raises Refused below FEWEST people of whom there would be a row.
    """
    require(by, "segments.view_segment")
    chosen = Content(content) if content in Content.values else Content.NUMBERS
    if chosen is not Content.NUMBERS:
        require(by, "shop.export_customers")
        require(by, PERSONAL_DATA)
    people = segment.members()
    if chosen in HASHES:
        agreed = people.consenting(Channel.ADS).exclude(email="")  # each address once
        people = people.filter(pk__in=agreed.order_by("person", "pk").distinct("person").values("pk"))
    size = people.count()
    if chosen in HASHES and size < FEWEST[chosen] <= segment.members().count():
        raise Refused(
            _(
                "“%(content)s” needs at least %(fewest)s people; %(size)s of this segment have agreed to ads "
                "and have an address. "
                "Import their consent for ads, or export customer numbers."
            )
            % {"content": chosen.label, "fewest": number(FEWEST[chosen]), "size": number(size)}
        )
    if size < FEWEST[chosen]:
        raise Refused(
            _(
                "“%(content)s” needs at least %(fewest)s people and there are %(size)s: small groups give "
                "away who is in them. "
                "Export customer numbers, or combine segments."
            )
            % {"content": chosen.label, "fewest": number(FEWEST[chosen]), "size": number(size)}
        )
    record(by=by, verb="segment.export", about=segment, customers=size, content=chosen.value)
    head, rows = _rows(people, chosen)
    return Export(
        f"segment-{slugify(segment.name)[:40] or segment.slug}-{segment.method}-{chosen.value}.csv",
        head,
        rows,
    )


def _rows(people: CustomerQuerySet, content: Content) -> tuple[list[str], Iterator[Sequence[Any]]]:
    people = people.order_by("pk")
    if content is Content.NUMBERS:
        external_ids = people.values_list("external_id", flat=True).iterator(chunk_size=5000)
        return ["customer_id"], ([external_id] for external_id in external_ids)
    if content is Content.CONTACTS:
        return ["customer_id", *CONTACTS[1:]], people.values_list(*CONTACTS).iterator(chunk_size=5000)
    hashes = (
        HASHES[content](email) for email in people.values_list("email", flat=True).iterator(chunk_size=5000)
    )
    return ["email"], ([address] for address in hashes if address)
