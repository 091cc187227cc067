from __future__ import annotations

from django.template import Context, Template
from django.utils.translation import override


def test_what_analysts_read_is_folded_and_keeps_its_markup():
    template = Template("{% analysts %}<p>AUC {{ auc }} of {{ name }}</p>{% endanalysts %}")
    with override("zh-hans"):
        html = template.render(Context({"auc": 0.75, "name": "<b>"}))
    assert "<details" in html
    assert "open" not in html
    assert "供分析师参考" in html
    assert "<p>AUC 0.75 of &lt;b&gt;</p>" in html
