"""Pages about segments by rule: the builder, what a change would do, combining, putting away."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.tasks import start_job
from segments.actions.rules.drafts import How, combine, preview_rule, rule_difference
from segments.actions.rules.saving import restore_rule, save_rule
from segments.models import Rule, Segment
from segments.rules.attributes import catalogue
from segments.rules.choices import choices
from segments.rules.fields import ARITY, FIELD_TOPICS, Field, Kind, label_of, operators_of
from segments.rules.tree import DEEPEST, conditions, parse_stored, parse_submitted
from segments.rules.wording import RuleWording

EMPTY: dict[str, Any] = {"all": []}
HOWS: dict[str, How] = {"union": "union", "intersection": "intersection", "difference": "difference"}


@staff_page("segments.change_segment")
def create(request: StaffRequest) -> HttpResponse:
    """The builder for a new segment; ?how=&segment=&segment= opens it with those segments combined."""
    if request.method == "POST":
        return _save(request, None)
    tree = EMPTY
    if how := request.GET.get("how"):
        chosen = _chosen_segments(request)
        tree = combine(segments=chosen, how=HOWS.get(how, "union"))
    return _builder(request, _("New segment"), tree=tree)


def _chosen_segments(request: StaffRequest) -> list[Segment]:
    """In the order in which they were chosen: "without" starts from the first."""
    chosen = list(
        dict.fromkeys(int(pk) for pk in request.GET.getlist("segment") if pk.isdecimal() and len(pk) < 10)
    )
    found = Segment.objects.in_bulk(chosen)
    return [found[pk] for pk in chosen if pk in found]


@staff_page("segments.change_segment")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(Rule.objects.in_force(), pk=pk)
    if request.method == "POST":
        return _save(request, rule)
    return _builder(
        request,
        rule.segment.name,
        rule=rule,
        tree=rule.tree,
        name=rule.segment.name,
        note=rule.note,
        version=rule.version,
    )


def _builder(
    request: StaffRequest, title: str, *, rule: Rule | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    return page(
        request,
        "segments/rules/edit.html",
        title=title,
        status=status,
        segment=_segment(rule),
        fields=_fields(rule),
        choices=choices(besides=_segment(rule), references=rule.references if rule else ()),
        words=_words(),
        **context,
    )


def _segment(rule: Rule | None) -> Segment | None:
    return rule.segment if rule else None


def _save(request: StaffRequest, rule: Rule | None) -> HttpResponse:
    """Save at once what is new; show what a change would do before it is made."""
    name, note, tree = request.POST.get("name", ""), request.POST.get("note", ""), _tree(request)
    version = request.POST.get("version", "")
    typed: dict[str, Any] = {"name": name, "note": note, "version": version, "tree": tree or EMPTY}
    try:
        if rule is not None and "back" in request.POST:
            return _builder(request, rule.segment.name, rule=rule, **typed)
        if rule is not None and "confirmed" not in request.POST:
            return _review(request, rule, typed)
        segment = save_rule(
            tree=tree,
            name=name,
            note=note,
            by=request.user,
            segment=_segment(rule),
            version=int(version) if version.isdecimal() and rule else None,
        )
    except Refused as refused:
        field = refused.field or ""
        problems = {"name_problem": refused.message} if field == "name" else {"problem": refused.message}
        place = field if field.startswith("rule.") else ""
        return _builder(
            request,
            rule.segment.name if rule else _("New segment"),
            rule=rule,
            status=422,
            place=place,
            **problems,
            **typed,
        )
    # by=None: it follows from saving, which needs a right of its own
    start_job(
        name="segments.portraits", by=None, key=f"segment-{segment.pk}", arguments={"segments": [segment.pk]}
    )
    messages.success(request, _("Saved: “%s” is up to date from now on.") % segment.name)
    return redirect("segments:detail", pk=segment.pk)


def _tree(request: StaffRequest) -> Any:
    try:
        return json.loads(request.POST.get("tree", ""))
    except RecursionError:
        return reduce(
            lambda inner, _level: {"all": [inner]}, range(DEEPEST + 1), EMPTY
        )  # refused as too deep
    except ValueError:
        return EMPTY  # refused as an empty group, with the remedy


def _review(request: StaffRequest, rule: Rule, typed: dict[str, Any]) -> HttpResponse:
    difference = rule_difference(segment=rule.segment, tree=typed["tree"], by=request.user)
    stale = typed["version"].isdecimal() and int(typed["version"]) != rule.version
    before, after = parse_stored(rule.tree), parse_submitted(typed["tree"])
    wording = RuleWording([before, after])
    return page(
        request,
        "segments/rules/review.html",
        title=_("What changes in “%s”") % rule.segment.name,
        segment=rule.segment,
        difference=difference,
        before=wording.sentence(before),
        after=wording.sentence(after),
        currency=wording.currency,
        stale=stale,
        typed=typed
        | {"tree": json.dumps(typed["tree"]), "version": rule.version},  # what is shown here was seen
    )


@require_POST
@staff_page("segments.change_segment")
def preview(request: StaffRequest) -> HttpResponse:
    """What the rule being written finds, as a fragment in JSON; a refusal names the place it belongs to."""
    edited = request.POST.get("segment", "")
    rule = Rule.objects.in_force().filter(segment_id=int(edited)).first() if edited.isdecimal() else None
    try:
        found = preview_rule(tree=_tree(request), by=request.user)
        difference = (
            rule_difference(segment=rule.segment, tree=_tree(request), by=request.user) if rule else None
        )
    except Refused as refused:
        return JsonResponse({"place": refused.field or "rule", "message": refused.message}, status=422)
    tree = parse_submitted(_tree(request))
    html = render_to_string(
        "segments/rules/parts/outcome.html",
        {
            "preview": found,
            "difference": difference,
            "sentence": RuleWording([tree]).sentence(tree),
        },
        request,
    )
    return JsonResponse({"html": html})


@require_POST
@staff_page("segments.change_segment")
def restore(request: StaffRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    restore_rule(segment=segment, by=request.user)
    messages.success(request, _("“%s” is back, with the customers its rule finds now.") % segment.name)
    return redirect("segments:detail", pk=pk)


# -- what the builder is made of -----------------------------------------------------------------------------


def _fields(rule: Rule | None) -> list[dict[str, Any]]:
    """The catalogue for the builder: groups of fields in the reader's language. An attribute that the rule
    compares in a way is offered so, whatever its values look like today."""
    groups: dict[str, list[dict[str, Any]]] = {key: [] for key in FIELD_TOPICS}
    used = {condition.field for condition in conditions(parse_stored(rule.tree))} if rule else set()
    for field in (catalogue() | {field.key: field for field in used if field.group == "attributes"}).values():
        groups.setdefault(field.group, []).append(_described(field))
    return [
        {"title": str(FIELD_TOPICS.get(key, key)), "fields": fields}
        for key, fields in groups.items()
        if fields
    ]


CHOICES = {
    "person.country": "countries",
    "person.language": "languages",
    "segment": "segments",
    "prediction.category": "categories",
}


def _described(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "title": str(field.title),
        "kind": field.kind.value,
        "unit": field.unit,
        "definition": str(field.definition),
        "choices": CHOICES.get(field.key, ""),
        "operators": [[op, _operator(op, field), ARITY[op]] for op in operators_of(field)],
    }


def _operator(op: str, field: Field) -> str:
    if field.kind is Kind.DATE and op == "last":
        return pgettext("comparison", "is within the last")
    if field.kind is Kind.DATE and op == "ago":
        return pgettext("comparison", "is longer ago than")
    return str(label_of(op, field))


def _words() -> dict[str, str]:
    """What the builder says itself."""
    return {
        "all": _("All of these hold"),
        "any_of": _("At least one of these holds"),
        "none_of": _("None of these holds"),
        "how": _("How the conditions go together"),
        "group": _("group of conditions"),
        "condition": _("condition"),
        "field": _("Field"),
        "comparison": _("Comparison"),
        "value": _("Value"),
        "and": _("and"),
        "days": _("days"),
        "minutes": _("minutes"),
        "yes": _("yes"),
        "no": _("no"),
        "choose": _("Choose"),
        "nothing": _("nothing yet"),
        "any": _("any"),
        "category": _("Category"),
        "brand": _("Brand"),
        "product": _("Product"),
        "search": _("Search"),
        "one_a_line": _("one a line"),
        "in_last": _("in the last"),
        "add_condition": _("Condition"),
        "add_group": pgettext("of conditions", "Group"),
        "remove_condition": _("Remove this condition"),
        "remove_group": _("Remove this group"),
        "fill_in": _("Enter a value, or remove the condition."),
        "incomplete": _("Fill in every value to see who fits."),
        "refused": _("The rule is not complete or not sound: the reason is beside it."),
        "unreachable": _("The server does not answer: your rule is still here. Try again in a moment."),
    }
