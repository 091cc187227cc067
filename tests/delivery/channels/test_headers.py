"""Headers as a reader that goes by the letter of RFC 5322 takes them."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from delivery.channels.email.smtp import Mail

LONG_ID = f"<delivery-1@{'x' * 80}.example>"


@pytest.mark.parametrize(
    "subject",
    [
        "Hello",
        "🎉🎂 " * 59 + "🎉",
        "👩‍👩‍👧‍👦" * 40,
        "Hello 🎉 " + "x" * 200,
        "字" * 250,
        "word " * 40 + "end",
        "a" * 300,  # plain, but too long for one line
        "=?utf-8?q?not_encoded?=",
    ],
)
def test_a_subject_arrives_to_the_last_character(subject: str) -> None:
    mail = Mail(subject, "text", "a@shop.example", ["b@example.com"], headers={"Message-ID": LONG_ID})
    raw = mail.message().as_bytes(linesep="\r\n")
    lines = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(re.match(rb"[\w-]+: \S|\s+\S", line) for line in lines)  # none is empty behind its name
    assert all(len(line) <= 76 for line in lines if b"=?" in line)
    read = message_from_bytes(raw, policy=policy.default)
    assert str(read["Subject"]) == subject
    assert str(read["Message-ID"]) == LONG_ID
