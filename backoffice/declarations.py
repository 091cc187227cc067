"""What an app adds to the product around it. Each app states it once, in its own `frame.py`:

    FRAME = Frame(
        navigation=[NavigationItem(Section.CUSTOMERS, _("Segments"), "donut_small", "segments:gallery")],
        audit={"segment.rename": gettext_noop("renamed the segment")},
        ...
    )

`frames()` collects them. So no app, and not the roof either, keeps a list of what the others hold.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from backoffice.models import User

Text = str | Promise  # shown to people, in their language


class Section(enum.Enum):
    """The sections of the navigation, from top to bottom; the value is the title."""

    HOME = ""
    CUSTOMERS = _("Customers")
    PRODUCTS = _("Products")
    ADS = _("Ads")
    CAMPAIGNS = _("Campaigns")
    DATA = _("Data")
    SYSTEM = _("System")


@dataclass(frozen=True)
class NavigationItem:
    """A link of the navigation. `icon`: a Material symbol; `url`: a URL's name; `permission`: who sees it
    ("app.codename"; empty: all staff); `position`: its place within the section, smallest first; `also`:
    URLs' names of pages that belong to it although their addresses do not lie under its own."""

    section: Section
    title: Text
    icon: str
    url: str
    permission: str = ""
    position: int = 50
    also: tuple[str, ...] = ()


class Side(enum.Enum):
    """The column of the customer page that a panel stands in."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class CustomerPanel:
    """A part of the customer page, which the page fetches by the URL's name with the customer's key."""

    url: str
    permission: str
    side: Side
    position: int = 50


class Urgency(enum.IntEnum):
    """Why something waits for a person, most pressing first."""

    COLLEAGUE = 1  # somebody waits for the decision
    BROKEN = 2  # something does not work until a person acts
    NOTICE = 3  # worth a look


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the person who looks at the home page: a sentence, and where to do it."""

    text: str
    url: str
    urgency: Urgency = Urgency.NOTICE

    @property
    def tone(self) -> str:
        """How it looks: the class of its dot."""
        return {Urgency.COLLEAGUE: "busy", Urgency.BROKEN: "bad", Urgency.NOTICE: "warn"}[self.urgency]


class Tone(enum.Enum):
    """How a line of health looks, worst first; the name in lower case is the class of its badge."""

    BAD = 1
    WARN = 2
    BUSY = 3  # about to be well
    GOOD = 4

    @property
    def is_trouble(self) -> bool:
        return self in {Tone.BAD, Tone.WARN}

    @property
    def css(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class HealthLine:
    """One thing that was looked at: a word or a number for its badge, and a sentence."""

    tone: Tone
    label: str
    text: str


@dataclass(frozen=True)
class NextStep:
    """A page that pages of floors below lead to: they name the step, not the room (`{% next_step "NAME" as
    step %}`). `url`: a URL's name; `permission`: who may go there ("app.codename"; empty: all staff)."""

    title: Text
    url: str
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class RolePermissions:
    """Which of an app's permissions ("app.codename") the roles get. All roles get `everybody`, the
    administrator all that the marketer gets."""

    everybody: Sequence[str] = ()
    marketer: Sequence[str] = ()
    approver: Sequence[str] = ()
    administrator: Sequence[str] = ()


class OnErasure(enum.Enum):
    """What becomes of rows about a customer who is erased."""

    DELETED = "deleted"
    ANONYMOUS = "anonymous"  # the row stays, without the customer


@dataclass(frozen=True)
class PersonalData:
    """A table that holds something about a customer.

    `title` names its rows on the page that asks before an erasure. `columns` are the attributes that an
    export holds, dotted over relations ("order.number"); none: the table only repeats what others say.
    `customer` is the look-up from a row to its customer's key.
    """

    model: type[models.Model]
    title: Text
    columns: Sequence[str] = ()
    customer: str = "customer"
    on_erasure: OnErasure = OnErasure.DELETED


@dataclass(frozen=True)
class Person:
    """Somebody who is to be forgotten: all by which a text, a file or a foreign row may name them."""

    number: str  # the customer number
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    visitor_ids: tuple[str, ...] = ()  # anonymous ids that turned out to be this person

    @property
    def words(self) -> list[str]:
        """What names them in any text. A number of digits alone is none: it could be any figure."""
        number = "" if self.number.isdecimal() else self.number
        return [word for word in (self.email, self.phone, number, *self.visitor_ids) if len(word) > 3]


@dataclass(frozen=True)
class Trace:
    """A place beside the tables of `PersonalData` that may name a customer without pointing at one: texts,
    files, mails. `forget` takes a person out of it for good and returns how many rows (of `model`, or files
    that these name) it cleaned; `title` names them on the receipt of an erasure."""

    model: type[models.Model]
    title: Text
    forget: Callable[[Person], int]


@dataclass(frozen=True)
class Sweep:
    """A Celery task that the scheduler queues every `every`, beside the jobs: it finishes what a lost message
    left undone. `name`: its name in the schedule; `task`: the task's own name."""

    name: str
    task: str
    every: timedelta
    queue: str = "maintenance"


@dataclass(frozen=True)
class DemoFacts:
    """Facts of an app's own that a demo shop invents too. `write(seed=, language=, currency=, until=)` fills
    the table of `model`: the same arguments write the same rows, none of them later than `until`."""

    model: type[models.Model]
    write: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """All that one app adds.

    - `audit`: sentences by verb, as message ids; each follows the name of who did it.
    - `audit_names`: by model ("app.model"), how the key that the trail stored for a name given by the program
      (`record`) is written in the reader's language; without an entry the key is a message id.
    - `todos`: what waits for a member of staff.
    - `health`: what System > Jobs looks at, and the home page sums up.
    - `next_steps`: pages that pages of floors below lead to, by the step's name.
    - `own_facts`: verbs of the audit trail after which a shop holds facts of its own and is no demo.
    - `customer_orderings`: a column of the list of customers ("orders", "spent") -> the look-up that sorts by
      it.
    - `job_figures`, `job_words`: what the keys and the words of job results mean, as message ids.
    - `derived`: tables that are emptied, with all that points at them, when a demo shop makes room for a real
      one.
    """

    navigation: Sequence[NavigationItem] = ()
    audit: Mapping[str, str] = field(default_factory=dict)
    audit_names: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    customer_panels: Sequence[CustomerPanel] = ()
    todos: Sequence[Callable[[User], Iterable[Todo]]] = ()
    health: Sequence[Callable[[], Iterable[HealthLine]]] = ()
    permissions: RolePermissions = RolePermissions()
    personal_data: Sequence[PersonalData] = ()
    traces: Sequence[Trace] = ()
    derived: Sequence[type[models.Model]] = ()
    demo_facts: Sequence[DemoFacts] = ()
    sweeps: Sequence[Sweep] = ()
    next_steps: Mapping[str, NextStep] = field(default_factory=dict)
    own_facts: Sequence[str] = ()
    customer_orderings: Mapping[str, str] = field(default_factory=dict)
    job_figures: Mapping[str, str] = field(default_factory=dict)
    job_words: Mapping[str, str] = field(default_factory=dict)


@cache
def frames() -> tuple[Frame, ...]:
    """The frames of all apps, in the order of INSTALLED_APPS."""
    ours = [config for config in apps.get_app_configs() if module_has_submodule(config.module, "frame")]
    return tuple(import_module(f"{config.name}.frame").FRAME for config in ours)


@cache
def merged(name: str) -> Mapping[str, Any]:
    """The mapping `name` of all frames in one. Raises ValueError for a key that two apps declare."""
    mapping: dict[str, Any] = {}
    for frame in frames():
        for key, value in getattr(frame, name).items():
            if mapping.setdefault(key, value) is not value:
                raise ValueError(f"Two apps declare “{key}” in `{name}`.")
    return mapping
