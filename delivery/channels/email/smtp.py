"""Email through Django's mail backend (SMTP)."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.header import Header
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from delivery.channels.base import UNUSABLE_ADDRESS, Fate, Letter, Outcome, UnavailableError
from shop.models import ShopProfile

# 5xx answers about this shop's mail set-up, not about a letter or its recipient: unknown commands, encryption
# or login wanted, no mail here (RFC 5321, 4954, 7504).
OUR_TROUBLE = {500, 501, 502, 503, 504, 521, 530, 534, 535, 538}


LONGEST_WORD = 60  # characters of plain text that still fit behind "Subject: " on one line
ENCODED_LINE = 74  # Header counts one or two characters less than it writes
LONGEST_LINE = 998  # of a header, by RFC 5322; only encoded words must be folded earlier


class Mail(EmailMultiAlternatives):
    """A mail whose headers begin on the line of their name. Folded right behind the name, a header has a
    leading space for whoever reads by the letter of RFC 5322."""

    def message(self) -> Any:  # type: ignore[override]  # the stubs are those of a later Django
        """Raises ValueError (BadHeaderError) for a header of two lines, as Django does."""
        mail: Any = super().message()
        mail.policy = mail.policy.clone(max_line_length=LONGEST_LINE)
        mail.replace_header("Subject", _folded(str(self.subject)))
        return mail


def _folded(subject: str) -> str:
    """As it is where plain text can carry it, else as encoded words (RFC 2047) of at most 76 characters a
    line, the name of the header counted."""
    plain = subject.isascii() and "=?" not in subject
    if plain and max(map(len, subject.split()), default=0) <= LONGEST_WORD:
        return Header(subject, header_name="Subject").encode()
    return Header(subject, "utf-8", maxlinelen=ENCODED_LINE, header_name="Subject").encode()


class SmtpAdapter:
    """One SMTP connection for a batch of letters."""

    def __init__(self) -> None:
        self._connection: Any = get_connection()

    def __enter__(self) -> Self:
        try:
            self._connection.open()
        except (smtplib.SMTPException, OSError) as error:
            raise UnavailableError(type(error).__name__) from error
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(
            smtplib.SMTPException, OSError
        ):  # the letters are out: a broken goodbye is of no interest
            self._connection.close()

    def send(self, letter: Letter) -> Outcome:
        """Hand one letter over and return its fate; never raises for what the server or the network does."""
        if not letter.to.rpartition("@")[0].isascii():
            return Outcome(
                Fate.FAILED, UNUSABLE_ADDRESS
            )  # needs SMTPUTF8, which Django's backend does not ask for
        try:
            self._connection.open()  # does nothing unless an error before closed it
        except (smtplib.SMTPException, OSError):
            return Outcome(Fate.LATER)
        try:
            self._connection.send_messages([as_mail(letter)])
        except smtplib.SMTPRecipientsRefused as error:
            outcome = _by_code(min(code for code, _text in error.recipients.values()))
        except smtplib.SMTPSenderRefused:  # about this shop's own address, not about the recipient
            outcome = Outcome(Fate.LATER)
        except smtplib.SMTPResponseException as error:  # data refused
            outcome = _by_code(error.smtp_code)
        except ValueError:  # an address or header that cannot be written
            return Outcome(Fate.FAILED, UNUSABLE_ADDRESS)
        except (
            smtplib.SMTPException,
            OSError,
        ) as error:  # broke off in the middle: the server may have taken it
            outcome = Outcome(Fate.UNKNOWN, type(error).__name__)
        else:
            return Outcome(Fate.SENT)
        # after an error the old connection's state is unsure; the next letter opens a new one
        self.__exit__()
        return outcome


def _by_code(code: int) -> Outcome:
    if code < 400:  # smtplib's -1: an answer that is no SMTP
        return Outcome(Fate.UNKNOWN, str(code))
    return Outcome(Fate.LATER if code < 500 or code in OUR_TROUBLE else Fate.FAILED, str(code))


def _from(address: str) -> str:
    """The address with the name in DEFAULT_FROM_EMAIL, where there is one."""
    name = parseaddr(settings.DEFAULT_FROM_EMAIL)[0]
    return str(Address(name, addr_spec=address)) if name else address


def as_mail(letter: Letter) -> Mail:
    """The letter as a MIME message with both forms and the headers of RFC 2369 and RFC 8058."""
    address = ShopProfile.objects.remembered().sender_address
    domain = address.partition("@")[2]
    sender = str(Address(letter.sender, addr_spec=address)) if letter.sender else _from(address)
    headers = {"Message-ID": f"<{letter.id}@{domain}>", "Content-Language": letter.language}
    if letter.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = Mail(letter.subject, letter.text, sender, [letter.to], headers=headers)
    mail.attach_alternative(letter.html, "text/html")
    return mail
