"""What the apps declare, and that nothing of it is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.urls import reverse

from backoffice import declarations
from backoffice.declarations import Frame, frames, merged

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
OUR_APPS = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]


def verbs_in(source: str) -> set[str]:
    """Every text of the form "object.verb" in an argument or a default that is called `verb`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "verb":
            texts = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            found.update(text for text in texts if isinstance(text, str) and VERB.fullmatch(text))
    return found


def test_every_verb_in_the_code_has_its_sentence_and_the_other_way_round() -> None:
    used = set()
    for config in OUR_APPS:
        for path in Path(config.path).rglob("*.py"):
            used |= verbs_in(path.read_text())
    assert used == set(merged("audit"))


def test_a_verb_is_found_in_whichever_way_it_is_given() -> None:
    assert verbs_in('record(verb="a.x" if new else "a.y", about=row)') == {"a.x", "a.y"}


def test_every_declared_page_and_permission_exists(db: None) -> None:
    from django.contrib.auth.models import Permission

    known = {f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.select_related()}
    for frame in frames():
        for item in frame.navigation:
            assert reverse(item.url)
        for step in frame.next_steps.values():
            assert reverse(step.url)
        for panel in frame.customer_panels:
            assert reverse(panel.url, args=[1])
        guarded = [*frame.navigation, *frame.customer_panels, *frame.next_steps.values()]
        asked = {thing.permission for thing in guarded} - {""}
        assert asked <= known


def test_an_app_declares_permissions_of_its_own_only() -> None:
    for config in OUR_APPS:
        frame = next((frame for name, frame in by_app().items() if name == config.name), Frame())
        declared = frame.permissions
        roles = [declared.everybody, declared.marketer, declared.approver, declared.administrator]
        apps_named = {permission.split(".")[0] for permissions in roles for permission in permissions}
        assert apps_named <= {config.name} | (
            {"django_celery_beat"} if config.name == "backoffice" else set()
        )


def by_app() -> dict[str, Frame]:
    with_frame = [
        config.name for config in apps.get_app_configs() if (Path(config.path) / "frame.py").exists()
    ]
    return dict(zip(with_frame, frames(), strict=True))


def test_a_key_that_two_apps_declare_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = (Frame(audit={"tea.pour": "poured"}), Frame(audit={"tea.pour": "spilled"}))
    monkeypatch.setattr(declarations, "frames", lambda: twice)
    with pytest.raises(ValueError, match=r"tea\.pour"):
        merged.__wrapped__("audit")


def test_every_step_that_a_template_or_a_list_names_is_declared() -> None:
    named = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% next_step "(\w+)"', path.read_text()))
    lists = [admin.empty_list for admin in site._registry.values() if hasattr(admin, "empty_list")]
    assert lists
    assert named | {empty_list.step for empty_list in lists} == set(merged("next_steps"))
