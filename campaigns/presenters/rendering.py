"""Turn a message that staff wrote into letters: placeholders, recommended products, layout, plain text,
unsubscribe link.

What staff write is a Liquid template without loops, assignments or growing filters, so that a rendering is
bounded by the length of its source: nothing a text contains can use up time or memory.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import nh3
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import linebreaks
from django.utils.translation import gettext as _
from liquid import Environment, Markup, StrictUndefined
from liquid.exceptions import LiquidError

from backoffice.errors import Refused
from backoffice.templatetags.formats import price
from campaigns.datasets.names import is_blank
from campaigns.models import Message
from delivery.channels import Letter
from recommendations.serving import Offer, offers_for
from shop.models import Customer, ShopProfile

PLACEHOLDERS = ["first_name", "last_name", "shop_name", "products"]
LONGEST = 20_000  # characters of a text
TAGS = {"if", "unless", "comment", "content", "output", "illegal"}
FILTERS = {"default", "upcase", "downcase", "capitalize", "truncate", "strip"}
ALLOWED_HTML = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "a",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "hr",
}
URL_SCHEMES = {"http", "https", "mailto"}
UNPRINTED = re.compile(
    "[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f]"
)  # would turn the text that follows
HAS_BLOCKS = re.compile(r"<(p|h[1-3]|ul|ol|blockquote)\b", re.IGNORECASE)
PRODUCTS_HERE = (
    "\ue000"  # a private character keeps the place of the products while what staff wrote is sanitised
)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(undefined=StrictUndefined, autoescape=autoescape)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS}
    environment.filters = {name: filter_ for name, filter_ in environment.filters.items() if name in FILTERS}
    return environment


HTML, PLAIN = _environment(autoescape=True), _environment(autoescape=False)


def _parse(environment: Environment, source: str, field: str) -> Any:
    if len(source) > LONGEST:
        raise Refused(_("This text is too long: at most %d characters.") % LONGEST, field=field)
    try:
        template = environment.from_string(source)
        used = template.analyze()
    except LiquidError as error:
        line = error.token and source.count("\n", 0, error.token.start_index) + 1
        reason = str(error.args[0] if error.args else error)
        raise Refused(
            _("Line %(line)s cannot be read: %(reason)s. Check the braces and the spelling.")
            % {"line": line or 1, "reason": reason},
            field=field,
        ) from None
    for name in sorted(set(used.filters) - FILTERS):
        raise Refused(
            _("There is no filter “%(name)s”: use one of %(names)s.")
            % {"name": name, "names": ", ".join(sorted(FILTERS))},
            field=field,
        )
    for name in used.globals:
        if name not in PLACEHOLDERS:
            raise Refused(
                _("There is no placeholder “%(name)s”: use one of %(names)s.")
                % {"name": name, "names": ", ".join(PLACEHOLDERS)},
                field=field,
            )
    return template


class Renderer:
    """A message ready to be written to many people. Raises Refused (naming field, line and placeholder) when
    it cannot be."""

    def __init__(self, message: Message) -> None:
        self.language = message.language
        self._subject = _parse(PLAIN, message.subject, "subject")
        self._body = _parse(HTML, message.body, "body")
        self._paragraphs = not HAS_BLOCKS.search(message.body)

    @cached_property
    def _shop(self) -> ShopProfile:
        """Read once, however many letters are written."""
        return ShopProfile.objects.current()

    def write(
        self, customer: Customer, offers: Sequence[Offer], *, letter_id: str, unsubscribe_url: str = ""
    ) -> Letter:
        """One letter to `customer` with `offers` where the text says {{ products }}. Raises Refused like the
        constructor."""
        with translation.override(self.language):
            names: dict[str, Any] = {
                "first_name": _name(customer.first_name),
                "last_name": _name(customer.last_name),
                "shop_name": _one_line(self._shop.shown_name),
            }
            try:
                subject = self._subject.render(**names, products="")
                body = self._body.render(**names, products=Markup(PRODUCTS_HERE))
            except LiquidError as error:  # a filter that is given what it cannot use
                raise Refused(_("This text cannot be filled in: %s.") % error.args[0], field="body") from None
            if self._paragraphs:
                body = linebreaks(body, autoescape=False)
            body = nh3.clean(body, tags=ALLOWED_HTML, attributes={"a": {"href"}}, url_schemes=URL_SCHEMES)
            shown = [_shown(offer) for offer in offers]
            frame = {
                "offers": shown,
                "unsubscribe_url": unsubscribe_url,
                "shop_name": names["shop_name"],
                "language": self.language,
            }
            products = render_to_string("campaigns/mail/products.html", frame)
            content = re.sub(f"<p>\\s*{PRODUCTS_HERE}\\s*</p>|{PRODUCTS_HERE}", lambda _match: products, body)
            return Letter(
                id=letter_id,
                to=customer.email,
                subject=" ".join(subject.split()),
                html=render_to_string("campaigns/mail/letter.html", {**frame, "content": content}),
                text=render_to_string("campaigns/mail/letter.txt", {**frame, "content": _plain(body, shown)}),
                unsubscribe_url=unsubscribe_url,
                language=self.language,
                product_ids=tuple(offer.product.pk for offer in offers),
                sender=self._shop.name,
            )


def _one_line(name: str) -> str:
    """A name from data as it can stand in a subject: no line breaks, nothing that turns the writing
    direction."""
    return " ".join(UNPRINTED.sub("", name).split())


def _name(name: str) -> str | None:
    """A person's name; None, so that a default is used and {% if first_name %} says no, where
    the data hold a word such as "null"."""
    return None if is_blank(name) else _one_line(name)


def _shown(offer: Offer) -> dict[str, str]:
    product = offer.product
    absolute = product.image_url.startswith(("https://", "http://"))
    return {
        "title": str(product),
        "reason": offer.reason,
        "price": price(product.price, product.currency)
        if product.price is not None and product.currency
        else "",
        "image": product.image_url if absolute else "",
        "url": product.url if product.url.startswith("http") else "",
    }


def _plain(body: str, offers: list[dict[str, str]]) -> str:
    """The sanitised body as plain text: links keep their address, blocks become paragraphs."""
    text = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r"\2 (\1)", body, flags=re.DOTALL)
    text = re.sub(r"<li>", "- ", text)
    text = re.sub(r"</(p|h\d|ul|ol|blockquote)>", "\n\n", re.sub(r"<br>\n?|</li>\n?", "\n", text))
    text = html.unescape(nh3.clean(text, tags=set()))
    lines = [
        "\n".join(
            part
            for part in (
                f"* {offer['title']}  {offer['price']}".rstrip(),
                f"  {offer['reason']}",
                f"  {offer['url']}".rstrip(),
            )
            if part.strip()
        )
        for offer in offers
    ]
    return re.sub(r"\n{3,}", "\n\n", text.replace(PRODUCTS_HERE, "\n".join(lines))).strip()


def sample_letters(message: Message, customers: Sequence[Customer], products: int) -> list[Letter]:
    """Letters to look at, not to send: what these customers would get now."""
    renderer = Renderer(message)
    offers = offers_for([customer.pk for customer in customers], products)
    return [
        renderer.write(customer, offers[customer.pk], letter_id=f"preview-{customer.pk}")
        for customer in customers
    ]
