"""What is taken away from a text is named, and so is who lacks a name."""

from __future__ import annotations

import pytest

from campaigns.models import Message
from campaigns.presenters.omissions import not_sent, without_default


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<img src="https://a.example/x.png">', ["<img>"]),
        ("<table><tr><td>1</td></tr></table>", ["<table>", "<tr>", "<td>"]),
        ("<a href='tel:+34600000001'>call</a>", ["tel:+34600000001", "telephone"]),
        ("<a href='javascript:alert(1)'>x</a>", ["javascript:alert(1)"]),
        ("<a href='/sale'>x</a>", ["/sale", "https://"]),
        ("<p style='color:red' class=x>y</p>", ["style, class"]),
        ("<script>x</script><style>y</style>", ["<script>", "<style>"]),
    ],
)
def test_what_is_taken_away_is_named_with_the_remedy(body: str, named: list[str]) -> None:
    text = " ".join(not_sent(body))
    assert all(name in text for name in named), text


@pytest.mark.parametrize(
    "body",
    [
        "Plain & simple, 1 < 2, {{ first_name | default: '<b>you</b>' }}",
        "<p>Hi <b>you</b></p><a href='https://a.example/?a=1&amp;b=2#c'>x</a><a href='#top'>up</a>",
        "<a href='mailto:care@example.com?subject=Size%20%26%20fit'>x</a><br><hr>",
        "<a href='http://[2001:db8::1]:8080/a?b=c'>x</a>",
    ],
)
def test_what_is_sent_whole_is_not_warned_about(body: str) -> None:
    assert not_sent(body) == []


@pytest.mark.parametrize(
    ("subject", "body", "bare"),
    [
        ("Hi {{ first_name }}", "Dear {{last_name}}", ["first_name", "last_name"]),
        ("Hi {{ first_name | default: 'you' }}", "{{ shop_name }}", []),
        ("Hi", "{% if first_name %}Dear {{ first_name }}{% else %}Hello{% endif %}", []),
        ("Hi", "{% if last_name %}x{% endif %}{{ last_name | upcase }}", ["last_name"]),
    ],
)
def test_placeholders_that_leave_a_gap(subject: str, body: str, bare: list[str]) -> None:
    assert without_default(Message(subject=subject, body=body)) == bare
