"""The list of customers: searched, filtered, sorted, exported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.declarations import merged
from backoffice.errors import require
from backoffice.exports import csv_response
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.readers import PERSONAL_DATA
from shop.actions.test_addresses import (
    offers_test_addresses,
)
from shop.calendar import day_of
from shop.forms import CustomerFilterForm
from shop.models import (
    Channel,
    Customer,
    CustomerQuerySet,
)
from shop.presenters.customers import with_facts

ON_A_PAGE = 50
COLUMNS = [  # name, title, whether it holds numbers
    ("name", gettext_lazy("Customer"), False),
    ("country", gettext_lazy("Country"), False),
    ("email", gettext_lazy("Email"), False),
    ("since", gettext_lazy("Since"), False),
    ("orders", gettext_lazy("Orders"), True),
    ("spent", pgettext_lazy("by a customer", "Spent"), True),
    ("last", gettext_lazy("Last order"), False),
    ("consent", gettext_lazy("Email marketing"), False),
]
LARGEST_FIRST = {"since", "orders", "spent"}  # at the first click
COUNT_UP_TO = 10_000  # counting further would take longer than the page may


def _chosen(form: CustomerFilterForm) -> CustomerQuerySet:
    """The customers that the filters leave. A filter that is not valid leaves nobody out: its error stands
    beside it."""
    chosen = form.cleaned_data if form.is_valid() else {}
    customers = Customer.objects.all()
    if chosen.get("q"):
        customers = customers.search(chosen["q"])
    if chosen.get("country"):
        customers = customers.filter(country=chosen["country"])
    if chosen.get("orders"):
        customers = customers.with_orders() if chosen["orders"] == "yes" else customers.without_orders()
    if chosen.get("consent") == "yes":
        customers = customers.consenting(Channel.EMAIL)
    elif chosen.get("consent") == "no":
        customers = customers.not_consenting(Channel.EMAIL)
    return customers


def _count(customers: CustomerQuerySet, *, narrowed: bool) -> tuple[int, bool]:
    """How many, and whether that is exact: past COUNT_UP_TO a narrowed list says "more than"."""
    if not narrowed:
        return customers.count(), True
    counted = customers.order_by()[: COUNT_UP_TO + 1].count()
    return min(counted, COUNT_UP_TO), counted <= COUNT_UP_TO


def _page_of(customers: CustomerQuerySet, request: StaffRequest) -> tuple[list[Customer], str, str]:
    """One page of them, newest first, and the cursors of the newer and the older page ("" where there is
    none)."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if after.isdecimal():
        found = list(customers.filter(pk__gt=int(after)).order_by("pk")[: ON_A_PAGE + 1])
        rows, newer, older = found[:ON_A_PAGE][::-1], len(found) > ON_A_PAGE, True
    else:
        if before.isdecimal():
            customers = customers.filter(pk__lt=int(before))
        found = list(customers.order_by("-pk")[: ON_A_PAGE + 1])
        rows, newer, older = found[:ON_A_PAGE], before.isdecimal(), len(found) > ON_A_PAGE
    if not rows:
        return rows, "", ""
    return rows, f"after={rows[0].pk}" if newer else "", f"before={rows[-1].pk}" if older else ""


def _orderings() -> dict[str, list[str]]:
    """Column -> the fields that sort by it. Who counts orders and spending declares by what these are sorted;
    the other columns have an index each."""
    own = {"name": ["last_name", "first_name"], "since": ["created_at"], "country": ["country"]}
    return own | {column: [lookup] for column, lookup in merged("customer_orderings").items()}


def _sorted(customers: CustomerQuerySet, sort: str) -> CustomerQuerySet:
    """In the order of a column, "-" before its name for the largest first; nothing is the smallest."""
    fields, descending = _orderings()[sort.removeprefix("-")], sort.startswith("-")
    if not any("__" in field for field in fields):
        return customers.order_by(*(f"-{field}" if descending else field for field in [*fields, "pk"]))
    order = [
        F(field).desc(nulls_last=True) if descending else F(field).asc(nulls_first=True) for field in fields
    ]
    return customers.order_by(*order, "-pk" if descending else "pk")


def _sorted_page_of(
    customers: CustomerQuerySet, sort: str, request: StaffRequest
) -> tuple[list[Customer], str, str]:
    """One page in the order of a column, and the parameters of the pages before and after."""
    wanted = request.GET.get("page", "")
    number = max(1, int(wanted)) if wanted.isdecimal() and len(wanted) < 6 else 1
    start = (number - 1) * ON_A_PAGE
    found = list(_sorted(customers, sort)[start : start + ON_A_PAGE + 1])
    earlier = f"page={number - 1}" if number > 1 else ""
    return found[:ON_A_PAGE], earlier, f"page={number + 1}" if len(found) > ON_A_PAGE else ""


def _heads(sort: str) -> list[dict[str, Any]]:
    """The heads of the list: title, how the link sorts, how the list is sorted by it now."""
    orderings = _orderings()
    heads = []
    for column, title, is_number in COLUMNS:
        now = "descending" if sort == f"-{column}" else "ascending" if sort == column else ""
        largest_first = column in LARGEST_FIRST
        turned = f"-{column}" if (now == "ascending" if now else largest_first) else column
        link = turned if column in orderings else ""
        heads.append({"title": title, "number": is_number, "sort": link, "now": now})
    return heads


@staff_page("shop.view_customer")
def customers(request: StaffRequest) -> HttpResponse:
    form = CustomerFilterForm(request.GET)
    chosen = _chosen(form)
    filters = request.GET.copy()
    for place in ("before", "after", "page", "sort"):
        filters.pop(place, None)
    narrowed = any(filters.values())
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in _orderings():
        rows, newer, older = _sorted_page_of(chosen, sort, request)
    else:
        sort = ""
        rows, newer, older = _page_of(chosen, request)
    count, exact = _count(chosen, narrowed=narrowed)
    return page(
        request,
        "shop/customers/list.html",
        title=_("Customers"),
        form=form,
        rows=with_facts(rows),
        count=count,
        exact=exact,
        narrowed=narrowed,
        filters=filters.urlencode(),
        sort=sort,
        heads=_heads(sort),
        newer=newer,
        older=older,
        some_without=Customer.objects.without_address().exists(),
        test_addresses=offers_test_addresses(),
    )


@staff_page("shop.view_customer")
def export(request: StaffRequest) -> StreamingHttpResponse:
    """The filtered list as CSV. The audit trail keeps which filters were set, not what was searched for."""
    require(request.user, "shop.export_customers")
    require(request.user, PERSONAL_DATA)
    form = CustomerFilterForm(request.GET)
    chosen = _chosen(form)
    AuditEntry.objects.create(
        by=request.user,
        verb="customer.export",
        object_type="shop.customer",
        object_id="",
        details={"filters": sorted(name for name, value in form.cleaned_data.items() if value)},
    )
    head = [
        _("customer number"),
        _("email"),
        _("phone"),
        _("first name"),
        _("last name"),
        _("country"),
        _("customer since"),
    ]
    return csv_response("customers.csv", head, _export_rows(chosen))


def _export_rows(chosen: CustomerQuerySet) -> Iterator[list[Any]]:
    columns = ["external_id", "email", "phone", "first_name", "last_name", "country", "created_at"]
    for *texts, since in chosen.order_by("pk").values_list(*columns).iterator(chunk_size=5000):
        yield [*texts, day_of(since).isoformat()]


@staff_page("shop.export_customers")
def without_address(request: StaffRequest) -> StreamingHttpResponse:
    """The customers without an email address, with the columns that the import of customers knows: a list to
    fill in."""
    require(request.user, "shop.export_customers")
    require(request.user, PERSONAL_DATA)
    AuditEntry.objects.create(
        by=request.user,
        verb="customer.export",
        object_type="shop.customer",
        object_id="",
        details={"filters": ["without address"]},
    )
    rows = (
        Customer.objects.without_address()
        .order_by("pk")
        .values_list("external_id", "first_name", "last_name", "country")
    )
    head = ["customer_id", "email", "consent_email", "consent_at", "first_name", "last_name", "country"]
    return csv_response(
        "customers-without-address.csv",
        head,
        ([number, "", "", "", *known] for number, *known in rows.iterator(chunk_size=5000)),
    )
