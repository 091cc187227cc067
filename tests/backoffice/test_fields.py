"""A frozen dataclass in a JSON column: what goes in comes out, and nothing else is read."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.core import serializers
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from backoffice.fields import DataclassEncoder, DataclassField, StoredJSONError, from_json, to_json

pytestmark = pytest.mark.django_db


class Tone(enum.StrEnum):
    CALM = "calm"
    LOUD = "loud"


@dataclass(frozen=True)
class Metrics:
    auc: float
    lift: float | None = None


@dataclass(frozen=True)
class Card:
    champion: str = ""
    metrics: dict[str, Metrics] = field(default_factory=dict)
    curve: tuple[tuple[float, float], ...] = ()
    best: Metrics | None = None
    by_month: dict[int, int] = field(default_factory=dict)
    tone: Tone = Tone.CALM
    until: date | None = None
    price: Decimal = Decimal(0)


FULL = Card(
    champion="boosted",
    metrics={"boosted": Metrics(0.8, 2.5), "recency": Metrics(0.6)},
    curve=((0.0, 0.1), (1.0, 0.9)),
    best=Metrics(0.8),
    by_month={1: 10, 12: 4},
    tone=Tone.LOUD,
    until=date(2026, 11, 30),
    price=Decimal("12.50"),
)


@pytest.fixture
def runs():
    """A model that exists for one test, with its table."""
    with isolate_apps("backoffice"):

        class Run(models.Model):
            card = DataclassField(Card)
            drift = DataclassField(Metrics, null=True)

            class Meta:
                app_label = "backoffice"
                db_table = "test_fields_run"

            def __str__(self):
                return str(self.pk)

        with connection.schema_editor() as editor:
            editor.create_model(Run)
        yield Run


def stored(run):
    with connection.cursor() as cursor:
        cursor.execute("SELECT card::text FROM test_fields_run WHERE id = %s", [run.pk])
        return json.loads(cursor.fetchone()[0])


def test_what_goes_in_comes_out(runs):
    run = runs.objects.create(card=FULL, drift=Metrics(0.5))
    read = runs.objects.get()
    assert (read.card, read.drift) == (FULL, Metrics(0.5))
    run.refresh_from_db()
    assert run.card == FULL


def test_the_column_holds_plain_json(runs):
    assert stored(runs.objects.create(card=FULL)) == {
        "champion": "boosted",
        "metrics": {"boosted": {"auc": 0.8, "lift": 2.5}, "recency": {"auc": 0.6, "lift": None}},
        "curve": [[0.0, 0.1], [1.0, 0.9]],
        "best": {"auc": 0.8, "lift": None},
        "by_month": {"1": 10, "12": 4},
        "tone": "loud",
        "until": "2026-11-30",
        "price": "12.50",
    }


def test_a_complete_dataclass_is_its_own_default_and_null_stays_null(runs):
    read = runs.objects.get(pk=runs.objects.create().pk)
    assert (read.card, read.drift) == (Card(), None)


def test_a_missing_key_takes_the_default_of_the_dataclass():
    assert from_json(Card, {"champion": "recency"}) == Card(champion="recency")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"winner": "x"}, "winner"),
        ({"best": {"auc": 0.8, "area": 1}}, "area"),
        ({"best": {}}, "auc"),
        ({"champion": 3}, "champion"),
        ({"champion": ["a"]}, "champion"),
        ({"best": {"auc": "0.8"}}, "auc"),
        ({"best": {"auc": True}}, "auc"),
        ({"by_month": {"May": 1}}, "by_month"),
        ({"tone": "shrill"}, "tone"),
        ([], "Card"),
    ],
)
def test_what_the_dataclass_does_not_describe_is_an_error_that_names_the_place(wrong, named):
    with pytest.raises(StoredJSONError, match=named):
        from_json(Card, wrong)


def test_a_row_of_another_form_is_an_error_where_it_is_read(runs):
    run = runs.objects.create()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE test_fields_run SET card = %s WHERE id = %s", ['{"old_key": 1}', run.pk])
    with pytest.raises(StoredJSONError, match="old_key"):
        runs.objects.get()
    assert runs.objects.defer("card").get().pk == run.pk  # a page that does not show it still works


def test_only_the_dataclass_is_written(runs):
    with pytest.raises(TypeError, match="card takes a Card, not dict"):
        runs.objects.create(card={"champion": "x"})


def test_a_deferred_field_is_read_when_it_is_asked_for(runs, django_assert_num_queries):
    runs.objects.create(card=FULL)
    read = runs.objects.defer("card").get()
    assert "card" in read.get_deferred_fields()
    with django_assert_num_queries(1):
        assert read.card == FULL


def test_updates_and_bulk_writes_go_through_the_same_writer(runs):
    runs.objects.bulk_create([runs(card=FULL), runs()])
    runs.objects.filter(card__champion="").update(card=Card(champion="recency"))
    read = list(runs.objects.order_by("pk"))
    assert [run.card.champion for run in read] == ["boosted", "recency"]
    read[0].card = Card(champion="again")
    runs.objects.bulk_update(read, ["card"])
    assert runs.objects.filter(card__champion="again").count() == 1


def test_keys_are_plain_json_in_queries(runs):
    runs.objects.create(card=FULL)
    assert runs.objects.filter(card__metrics__boosted__auc__gte=0.7).exists()
    assert list(runs.objects.values_list("card__best", flat=True)) == [{"auc": 0.8, "lift": None}]
    assert list(runs.objects.values_list("card", flat=True)) == [FULL]
    assert runs.objects.filter(card=FULL).exists()


def test_numbers_of_numpy_are_stored_as_numbers_and_nan_is_refused(runs):
    run = runs.objects.create(
        card=Card(by_month={1: np.int64(3)}, best=Metrics(np.float32(0.5), np.float64(2)))
    )
    assert stored(run)["by_month"] == {"1": 3}
    assert stored(run)["best"] == {"auc": 0.5, "lift": 2.0}
    with pytest.raises(ValueError, match="JSON"):
        json.dumps(Metrics(float("nan")), cls=DataclassEncoder)


def test_migrations_see_an_ordinary_json_field(runs):
    for name, text in (("card", "models.JSONField(default=dict)"), ("drift", "models.JSONField(null=True)")):
        assert MigrationWriter.serialize(runs._meta.get_field(name))[0] == text


def test_a_clone_and_a_dump_keep_the_dataclass(runs):
    clone = runs._meta.get_field("card").clone()
    assert (clone.kind, clone.default) == (Card, Card)
    run = runs.objects.create(card=FULL)
    assert json.loads(serializers.serialize("json", [run]))[0]["fields"]["card"] == to_json(FULL)


def test_only_frozen_dataclasses_are_taken():
    @dataclass
    class Loose:
        name: str = ""

    with pytest.raises(TypeError, match="frozen"):
        DataclassField(Loose)
