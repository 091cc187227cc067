"""Giving a group a name of one's own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.actions import record
from backoffice.errors import Refused, require
from backoffice.models import User
from segments.models import Segment


def expect_free_name(name: str, *, besides: Segment | None = None, field: str = "name") -> None:
    """Raises Refused when another segment in force is called so, whatever the case of the letters: two that
    look alike in every list would be chosen for each other."""
    said = " ".join(name.split()).casefold()
    for other in Segment.objects.in_force():
        if other != besides and other.name.casefold() == said:
            raise Refused(
                _("A segment is called “%(name)s” already (%(method)s): choose another name.")
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
