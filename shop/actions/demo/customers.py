"""The demo's customers, and what they answered about being written to."""

from __future__ import annotations

import numpy as np

from shop.actions.demo.bulk import Shop, copy, times
from shop.demo.catalogue import Ints
from shop.demo.people import NO_ANSWER, People
from shop.models import (
    Channel,
    Consent,
    Customer,
    Purpose,
)


def write_customers(shop: Shop, persons: People, since: Ints, first: int, start: int) -> None:
    words, n = shop.words, len(persons.city)
    firsts = [
        (words.female if female else words.male)[name]
        for female, name in zip(persons.female.tolist(), persons.first_name.tolist(), strict=True)
    ]
    surnames = [words.surnames[k] for k in persons.surname.tolist()]
    numbers = range(start + 1, start + n + 1)
    if words.locale == "en-GB":
        mails = [
            f"{a}.{b}.{k}@example.com".lower() for a, b, k in zip(firsts, surnames, numbers, strict=True)
        ]
    else:
        mails = [f"user{k:05d}@example.org" for k in numbers]
    space = 10 ** (3 if words.locale == "en-GB" else 4)
    phones = [
        words.phone.format(k % space) if has else ""
        for k, has in zip(numbers, persons.has_phone.tolist(), strict=True)
    ]
    attributes = [
        f'{{"age": {age}, "gender": "{words.gender[1 - female]}", "income": "{words.income[income]}", '
        f'"city": "{words.cities[city][0]}"}}'
        for age, female, income, city in zip(
            persons.age.tolist(),
            persons.female.tolist(),
            persons.income.tolist(),
            persons.city.tolist(),
            strict=True,
        )
    ]
    copy(
        shop.cursor,
        Customer,
        [
            "id",
            "external_id",
            "email",
            "phone",
            "first_name",
            "last_name",
            "locale",
            "country",
            "attributes",
            "created_at",
        ],
        [
            range(first, first + n),
            [f"C{k:05d}" for k in numbers],
            mails,
            phones,
            firsts,
            surnames,
            [words.locale] * n,
            [words.cities[k][1] for k in persons.city.tolist()],
            attributes,
            times(since),
        ],
    )


def write_consents(shop: Shop, persons: People, first: int) -> None:
    answered, withdrawn = persons.email_answered_at != NO_ANSWER, persons.email_withdrawn_at != NO_ANSWER
    texted = persons.sms_granted_at != NO_ANSWER
    answers = [  # who, channel, purpose, granted, source, when
        (
            answered,
            Channel.EMAIL,
            Purpose.MARKETING,
            persons.email_granted,
            Consent.Source.FORM,
            persons.email_answered_at,
        ),
        (
            answered,
            Channel.EMAIL,
            Purpose.PROFILING,
            persons.profiling_granted,
            Consent.Source.FORM,
            persons.email_answered_at,
        ),
        (
            texted,
            Channel.SMS,
            Purpose.MARKETING,
            np.ones_like(answered),
            Consent.Source.FORM,
            persons.sms_granted_at,
        ),
        (
            withdrawn,
            Channel.EMAIL,
            Purpose.MARKETING,
            np.zeros_like(answered),
            Consent.Source.UNSUBSCRIBE,
            persons.email_withdrawn_at,
        ),
    ]
    for who, channel, purpose, granted, source, when in answers:
        customers = (first + np.flatnonzero(who)).tolist()
        copy(
            shop.cursor,
            Consent,
            ["customer_id", "channel", "purpose", "granted", "source", "note", "recorded_at"],
            [
                customers,
                [channel.value] * len(customers),
                [purpose.value] * len(customers),
                granted[who].astype(int).tolist(),
                [source.value] * len(customers),
                [""] * len(customers),
                times(when[who]),
            ],
        )
