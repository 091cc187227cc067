from __future__ import annotations

from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from backoffice.templatetags.frame import next_step, trail


def test_what_analysts_read_is_folded_and_keeps_its_markup():
    template = Template("{% analysts %}<p>AUC {{ auc }} of {{ name }}</p>{% endanalysts %}")
    with override("zh-hans"):
        html = template.render(Context({"auc": 0.75, "name": "<b>"}))
    assert "<details" in html
    assert "open" not in html
    assert "供分析师参考" in html
    assert "<p>AUC 0.75 of &lt;b&gt;</p>" in html


def page_at(path):
    entry = {"title": "Orders", "link": "/orders/", "active": True, "has_permission": True}
    hidden = {"title": "Jobs", "link": "/jobs/", "active": True, "has_permission": False}
    request = RequestFactory().get(path)
    return Context(
        {"request": request, "sidebar_navigation": [{"items": [hidden]}, {"title": "Data", "items": [entry]}]}
    )


def test_a_page_below_an_entry_of_the_navigation_links_back_to_it():
    assert trail(page_at("/orders/12/"))["parent"]["link"] == "/orders/"
    assert trail(page_at("/orders/")) == {"section": "Data", "parent": None}
    assert trail(Context({"request": RequestFactory().get("/")})) == {}


def test_a_next_step_shows_to_those_who_may_take_it(rf, mara, ines):
    template = Template('{% next_step "import_orders" as step %}{% if step %}{{ step.url }}{% endif %}')
    shown = {}
    for user in (mara, ines):
        request = rf.get("/")
        request.user = user
        shown[user] = template.render(Context({"request": request}))
    assert shown == {mara: "/imports/orders/", ines: ""}


def test_a_step_that_nobody_declares_leads_nowhere(rf):
    assert next_step(Context({"request": rf.get("/")}), "fly") is None
