"""The house rules that no linter checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.db import models

from backoffice.jobs import register
from shop.models import Customer

ROOT: Path = settings.BASE_DIR
FLOORS = {
    "backoffice": 0,
    "shop": 1,
    "intake": 2,
    "profiles": 2,
    "predictions": 3,
    "segments": 4,
    "recommendations": 5,
    "delivery": 5,
    "ads": 6,
    "campaigns": 6,
    "marketops": 7,
}
OUR_MODELS = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
LONGEST_MODULE = 440


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def references(model):
    return [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    here = model._meta.app_label
    for field in references(model):
        there = field.related_model._meta.app_label
        if there in FLOORS:
            assert there == here or FLOORS[there] < FLOORS[here], (
                f"{model._meta.label}.{field.name} points at {there}"
            )


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_what_is_derived_from_a_customer_goes_with_them(model):
    for field in references(model):
        if field.related_model is Customer and model._meta.managed:  # a view follows by itself
            assert field.remote_field.on_delete is models.CASCADE, (
                f"{model._meta.label}.{field.name} would outlive its customer"
            )


def test_what_takes_seconds_to_load_is_loaded_by_the_job_that_needs_it():
    heavy = ("sklearn", "scipy", "pandas", "implicit", "ortools")
    code = (
        "import sys, django; django.setup(); import marketops.urls; "
        f"print(*sorted(set({heavy}) & set(sys.modules)))"
    )
    started = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert started.stdout.split() == [], "every command, worker and page would pay for it"


def test_no_registry_host_in_a_tracked_file():
    parts = [
        ("py", r"pi\.org"),
        ("python", r"hosted\.org"),
        ("npm", r"js\.(?:org|com)"),
        ("js", "delivr"),
        ("unp", r"kg\.com"),
    ]
    hosts = re.compile("|".join(map("".join, parts)))  # in pieces, or this file would be guilty
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if "vendor" not in path.parts and hosts.search(path.read_text(errors="ignore"))
    ]
    assert not guilty


def test_long_modules_are_packages():
    long = {
        str(path.relative_to(ROOT)): length
        for path in tracked("*.py")
        if "migrations" not in path.parts and (length := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert not long, f"split into a package of the same name: {long}"


def test_every_job_has_a_title_for_people():
    nameless = [
        entry.name for entry in register.values() if not str(entry.title) or str(entry.title) == entry.name
    ]
    assert register
    assert not nameless


def environment_variables():
    """Names that `marketops` reads from the environment, by `env` (settings.py) or by `os.environ`."""
    readers = re.compile(r"env(\.\w+)?|os\.environ\.get")
    nodes = [node for path in tracked("marketops/*.py") for node in ast.walk(ast.parse(path.read_text()))]
    calls = [
        node.args[0]
        for node in nodes
        if isinstance(node, ast.Call) and node.args and readers.fullmatch(ast.unparse(node.func))
    ]
    subscripts = [
        node.slice
        for node in nodes
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ"
    ]
    return {name.value for name in [*calls, *subscripts] if isinstance(name, ast.Constant)}


def test_every_setting_is_documented():
    guide = (ROOT / "docs/guide/settings.md").read_text()
    names = environment_variables() - {"PATH"}  # the system's own
    assert names >= {"DATABASE_URL", "SECRET_KEY", "BIND", "MARKETOPS_DEMO"}
    assert not sorted(name for name in names if f"`{name}`" not in guide)


def test_every_command_is_documented():
    guide = (ROOT / "docs/guide/commands.md").read_text()
    ours = {name for name, app in get_commands().items() if app in FLOORS}
    assert ours
    assert not sorted(name for name in ours if f"`{name}`" not in guide)


def test_every_job_is_documented():
    guide = (ROOT / "docs/guide/jobs.md").read_text()
    ours = {name for name in register if name.split(".")[0] in FLOORS}
    assert not sorted(name for name in ours if f"`{name}`" not in guide)


# Each decides one question for all rooms. Elsewhere, these words would be an answer of one's own.
ONLY_HOME = {
    "shop/calendar.py": {
        r"\.today\(|localdate\(|datetime\.now\(|current_date": "day_of(timezone.now())",
        r"now\(\)\.date\(\)": "day_of(timezone.now())",
        r"as_of\)s\)::date": "day_of(as_of) as a parameter",
        r"as_of\.date\(\)|localtime\([^)]*\)\.date\(\)": "day_of(moment)",
        r"'UTC'\)|TIME ZONE 'UTC'": "the shop's zone().key as a parameter",
        r"SHOP_TIME_ZONE": "zone()",
        r"Trunc(Day|Week|Month)\((?!.*tzinfo)": "tzinfo=zone(): a job knows no reader's time zone",
        r"as_of(=| or | = as_of or ).*timezone\.now\(\)": "present() or facts_until()",
    },
    "shop/currency.py": {
        r"SHOP_CURRENCY": "shop_currency() or currency_of_new_amounts()",
        r"GROUP BY (\w+\.)?currency ORDER BY count": "shop_currency()",
        r"order_by\(\"-placed_at\"\)\.values(_list)?\(\"currency\"": "currency_of_new_amounts()",
    },
}
OUR_OWN_CLOCK = "# our own clock"  # for example when a count was made: not a look at the shop's facts


@pytest.mark.parametrize("home", ONLY_HOME)
def test_today_and_the_currency_of_totals_are_decided_in_one_module(home):
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()} -> {instead}"
        for path in tracked("*.py")
        if path.parent != ROOT and path.relative_to(ROOT).parts[0] in FLOORS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        for pattern, instead in ONLY_HOME[home].items()
        if re.search(pattern, line)
        and path not in {ROOT / home, ROOT / "marketops/settings.py"}
        and "migrations" not in path.parts
        and OUR_OWN_CLOCK not in line
    ]
    assert not found, "\n".join(found)


STEPS_WITH_TESTS = {"actions", "algorithms", "datasets", "presenters"}
LARGEST_SHARE = 0.30


def ours():
    """Every module of the apps, by its app; paths relative to the root."""
    modules = {app: [] for app in FLOORS}
    for path in tracked("*.py"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in modules and "migrations" not in relative.parts:
            modules[relative.parts[0]].append(relative)
    return modules


DECIDES_WHAT_IS_A_SALE = re.compile(
    r"Status\.(PAID|CANCELLATION)\b|status\s*(=|<>|!=|IN\b|NOT\b)\s*\(?'(paid|cancellation)'"
    r"|status(__in)?=\W*\w*\W*(paid|cancellation)\b"
)


def test_what_is_a_purchase_is_decided_in_the_shop_alone():
    """Others ask `Order.objects.sales()` or the view `shop_purchase`; they may leave out what is pending,
    where returns count against sales. Imports write orders as they are reported."""
    deciding = [
        f"{path}: {found.group()}"
        for app, modules in ours().items()
        if app not in {"shop", "intake"}
        for path in modules
        if (found := DECIDES_WHAT_IS_A_SALE.search((ROOT / path).read_text()))
    ]
    assert not deciding, "\n".join(deciding)


@pytest.mark.parametrize("app", FLOORS)
def test_every_file_of_the_inner_steps_has_a_test_file_of_its_own(app):
    missing = [
        f"{path} -> {test}"
        for path in ours()[app]
        if len(path.parts) > 2 and path.parts[1] in STEPS_WITH_TESTS and path.name != "__init__.py"
        if not (ROOT / (test := Path("tests", *path.parts[:-1], f"test_{path.name}"))).exists()
    ]
    assert not missing, "\n".join(missing)


def test_no_app_holds_a_third_of_the_house():
    lines = {
        app: sum(len((ROOT / path).read_text().splitlines()) for path in modules)
        for app, modules in ours().items()
    }
    shares = {app: count / sum(lines.values()) for app, count in lines.items()}
    assert not {app: f"{share:.0%}" for app, share in shares.items() if share > LARGEST_SHARE}


DOORS, INNER_STEPS = (
    {"views", "api", "forms"},
    STEPS_WITH_TESTS | {"models", "rules", "importers", "channels"},
)
# Pages and routes that show several topics together, and so have a name of their own.
SEVERAL_TOPICS = {
    "campaigns/views/approvals.py",
    "campaigns/views/deliveries.py",
    "intake/api/schema.py",
    "segments/views/gallery.py",
    "segments/views/stability.py",
    "shop/api/facts.py",
    "shop/views/customer.py",
}


@pytest.mark.parametrize("app", sorted(FLOORS.keys() - {"backoffice", "marketops"}))
def test_a_topic_has_one_name_on_every_step(app):
    named = {step: set() for step in DOORS | INNER_STEPS}
    for path in ours()[app]:
        if len(path.parts) > 2 and path.parts[1] in named and path.name != "__init__.py":
            named[path.parts[1]].add(path.parts[2].removesuffix(".py"))
    topics = set().union(*(named[step] for step in INNER_STEPS))
    strangers = {
        f"{app}/{door}/{name}.py" for door in DOORS for name in named[door] - topics
    } - SEVERAL_TOPICS
    assert not strangers, "no inner step knows this topic: give it the name it has there"


PAGE_OR_RIGHT = re.compile(r"""(?:url ["']|perms\.)(\w+)[:.][\w-]+""")
PAGE = re.compile(r"(\w+):[\w-]+")


def names_in(path):
    """The apps whose pages a file names (in templates, whose permissions too), each with the name."""
    text = (ROOT / path).read_text()
    if path.suffix != ".py":
        return [(match[1], match[0]) for match in PAGE_OR_RIGHT.finditer(text)]
    constants = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    found = [PAGE.fullmatch(value) for value in constants if isinstance(value, str)]
    return [(match[1], match[0]) for match in found if match]


@pytest.mark.parametrize("app", FLOORS)
def test_no_app_leads_to_a_page_of_an_app_that_it_does_not_know(app):
    """It names a step instead, which the app above declares (`Frame.next_steps`)."""
    templates = [path.relative_to(ROOT) for path in tracked(f"templates/{app}/*")]
    upward = [
        f"{path}: {name}"
        for path in [*ours()[app], *templates]
        for there, name in names_in(path)
        if there in FLOORS and there != app and FLOORS[there] >= FLOORS[app]
    ]
    assert not upward, "\n".join(upward)
