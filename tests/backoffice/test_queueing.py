from __future__ import annotations

import time
import uuid
from contextlib import suppress

import pytest
from amqp.exceptions import ChannelError
from celery import current_app
from django.db import transaction
from kombu import Connection

from backoffice import queueing
from backoffice.queueing import picked_up, queue_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task():
    """A task of its own in a queue of its own, read from the real broker."""
    name = f"task-{uuid.uuid4().hex}"
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


def test_many_requests_are_one_until_the_task_is_picked_up(task):
    for _n in range(5):
        queue_once(task, queue=task)
    assert waiting(task) == 1
    picked_up(task)
    queue_once(task, queue=task)
    assert waiting(task) == 2


def test_it_is_queued_after_the_commit_and_never_without_one(task):
    with transaction.atomic():
        queue_once(task, queue=task)
        assert waiting(task) == 0
    assert waiting(task) == 1
    picked_up(task)
    with transaction.atomic():
        queue_once(task, queue=task)
        transaction.set_rollback(True)
    assert waiting(task) == 1


def test_without_redis_the_work_goes_on(task, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
    queue_once(task, queue=task)
    assert waiting(task) == 0


def test_a_hung_cache_costs_less_than_a_second(task, settings, hung):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix://{hung}?db=1"}}
    began = time.monotonic()
    queue_once(task, queue=task)
    assert time.monotonic() - began < 1
    assert waiting(task) == 0


def test_a_hung_broker_costs_less_than_a_second(task, hung, monkeypatch):
    queueing._bell.cache_clear()
    with monkeypatch.context() as environment:
        environment.setenv("CELERY_BROKER_WRITE_URL", f"redis+socket://{hung}?virtual_host=0")
        began = time.monotonic()
        queue_once(task, queue=task)
        assert time.monotonic() - began < 1
    queueing._bell.cache_clear()
    assert waiting(task) == 0
