from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
from amqp.exceptions import ChannelError
from celery import current_app
from django.db import transaction
from kombu import Connection

from backoffice.doorbells import answered, ring_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bell():
    """A task of its own in a queue of its own, read from the real broker."""
    name = f"bell-{uuid.uuid4().hex}"
    yield name
    with Connection(current_app.conf.broker_url) as connection:
        connection.SimpleQueue(name).clear()


def waiting(name):
    with (
        Connection(current_app.conf.broker_url) as connection,
        suppress(ChannelError),
    ):  # no queue: nothing was ever sent
        return connection.SimpleQueue(name, queue_opts={"passive": True}).qsize()
    return 0


def test_many_rings_are_one_until_it_is_answered(bell):
    for _n in range(5):
        ring_once(bell, queue=bell)
    assert waiting(bell) == 1
    answered(bell)
    ring_once(bell, queue=bell)
    assert waiting(bell) == 2


def test_it_rings_after_the_commit_and_never_without_one(bell):
    with transaction.atomic():
        ring_once(bell, queue=bell)
        assert waiting(bell) == 0
    assert waiting(bell) == 1
    answered(bell)
    with transaction.atomic():
        ring_once(bell, queue=bell)
        transaction.set_rollback(True)
    assert waiting(bell) == 1


def test_without_redis_the_work_goes_on(bell, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
    ring_once(bell, queue=bell)
    assert waiting(bell) == 0
