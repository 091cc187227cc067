"""What staff write, and what people get."""

from __future__ import annotations

import html
from decimal import Decimal
from email import message_from_bytes, policy

import pytest

from backoffice.errors import Refused
from campaigns.models import Message
from campaigns.presenters.rendering import LONGEST, Renderer
from delivery.channels.email.smtp import as_mail
from recommendations.serving import Offer
from shop.models import Customer, Product, ShopProfile

pytestmark = pytest.mark.django_db

PERSON = Customer(pk=1, email="a@example.com", first_name="<b>Ann</b>", last_name="Lee")
LAMP = Offer(
    Product(
        sku="L1", title="Lamp & Co", price=Decimal("16.99"), currency="GBP", url="https://shop.example/l1"
    )
)


def compose(body: str, subject: str = "Hi", language: str = "en") -> Renderer:
    return Renderer(Message(subject=subject, body=body, language=language))


def test_placeholders_are_filled_and_escaped() -> None:
    letter = compose("Dear {{ first_name }},\n\n{{ products }}", "For {{ first_name }}").write(
        PERSON, [LAMP], letter_id="x"
    )
    assert letter.subject == "For <b>Ann</b>"  # plain text: nothing to escape
    assert "&lt;b&gt;Ann" in letter.html
    assert "<b>Ann" not in letter.html
    assert "Lamp &amp; Co" in letter.html
    assert "£16.99" in letter.html
    assert "Dear <b>Ann</b>," in letter.text
    assert "Lamp & Co  £16.99" in letter.text
    assert "https://shop.example/l1" in letter.text


def test_footer_and_reason_follow_the_message_not_the_reader() -> None:
    assert (
        '<html lang="zh-hans">'
        in compose("你好 {{ last_name }}", language="zh-hans").write(PERSON, [], letter_id="x").html
    )


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>Hello",
        '<a href="javascript:alert(1)">x</a>',
        "<img src=x onerror=alert(1)>",
        "<p style='x'>y</p>",
    ],
)
def test_harmful_markup_is_removed(body: str) -> None:
    letter = compose(body).write(PERSON, [], letter_id="x")
    content = letter.html.partition("</td></tr>")[2]
    for bad in ("<script", "javascript:", "onerror", "style='x'"):
        assert bad not in content


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hello {{ nickname }}", "nickname"),
        ("{% if first_name %}{{ secret }}{% endif %}", "secret"),
        ("one\ntwo {{ first_name", "Line 2"),
        ("{% for i in (1..100000000) %}x{% endfor %}", "for"),
        ("{% assign a = 'x' %}", "assign"),
        ("{{ first_name | append: first_name }}", "append"),
        ("{{ first_name.__class__ }}{{ request.user.password }}", "request"),
    ],
)
def test_a_text_that_cannot_be_written_is_refused_by_name(body: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        compose(body)
    assert refused.value.field == "body"


def test_length_is_bounded() -> None:
    with pytest.raises(Refused, match="too long"):
        compose("x" * (LONGEST + 1))


def test_a_line_break_cannot_enter_a_header() -> None:
    person = Customer(email="a@example.com", first_name="Ann\r\nBcc: all@example.com")
    assert "\n" not in compose("x", "Hi {{ first_name }}").write(person, [], letter_id="x").subject


@pytest.mark.parametrize("name", ["Nord, Süd & Söhne", "山水家居旗舰店", 'The "Barn"'])
def test_letters_come_from_the_shop_by_its_name(name: str) -> None:
    ShopProfile.objects.rename(name)
    letter = compose("Hi", "{{ shop_name }}").write(PERSON, [], letter_id="x")
    assert letter.subject == name
    mail = message_from_bytes(as_mail(letter).message().as_bytes(), policy=policy.default)
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "shop@example.com")


def test_without_a_name_letters_come_from_the_address_alone() -> None:
    assert as_mail(compose("Hi").write(PERSON, [], letter_id="x")).from_email == "shop@example.com"


def test_links_stay_exactly_what_they_are() -> None:
    links = {
        "https://shop.example/sale#shoes": None,
        "https://shop.example/pay?order=1&amp;key=a": "https://shop.example/pay?order=1&key=a",
        "https://shop.example/s?q=50%25+off&amp;back=https%3A%2F%2Fa.example%2F%3Fb%3D1": None,
        "https://shop.example/doc'dec.pdf": None,
        "https://shop.example/u?id=%7B%7B": None,
        "http://[2001:db8::1]:8080/a?b=c": None,
        "https://shop.example/商品?色=绿": None,
        "https://shop.example/raw?x=1&y=2": None,
    }
    body = "".join(f'<p><a href="{link}">x</a></p>' for link in links)
    letter = compose(body).write(PERSON, [], letter_id="x")
    for link, decoded in links.items():
        whole = decoded or html.unescape(link)
        assert whole in html.unescape(letter.html)
        assert whole in letter.text
    assert "&amp;amp;" not in letter.html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana\r\nBcc: eve@example.com", "Ana Bcc: eve@example.com"),
        ("Zoë\u202e", "Zoë"),
        ("👩\u200d🚀🎉", "👩\u200d🚀🎉"),
        ("محمد", "محمد"),
        ("{{ shop_name }}", "{{ shop_name }}"),
        ("  ", "Friend"),
        ("A" * 200, "A" * 200),
    ],
)
def test_a_subject_is_one_line_and_whole(name: str, shown: str) -> None:
    subject = "🎉 {{ first_name | default: 'Friend' }}, " + "a very long subject " * 14 + "end"
    person = Customer(pk=1, email="a@example.com", first_name=name)
    letter = compose("x", subject).write(person, [], letter_id="x")
    assert letter.subject == subject.replace("{{ first_name | default: 'Friend' }}", shown)
    mail = message_from_bytes(as_mail(letter).message().as_bytes(), policy=policy.default)
    assert mail["Subject"].strip() == letter.subject
    assert mail["Bcc"] is None


@pytest.mark.parametrize("name", ["null", "N/A", "undefined", "-", "  "])
def test_a_word_for_no_name_is_no_name(name: str) -> None:
    person = Customer(pk=2, email="b@example.com", first_name=name, last_name=name)
    body = "Dear {{ first_name | default: 'Friend' }},{% if last_name %} Mx {{ last_name }}{% endif %}"
    letter = compose(body, "{{ first_name | default: 'Friend' }}").write(person, [], letter_id="x")
    assert letter.subject == "Friend"
    assert letter.text.startswith("Dear Friend,")
    assert "Mx" not in letter.text
