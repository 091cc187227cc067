from __future__ import annotations

import uuid
from contextlib import suppress

import pytest
from amqp.exceptions import ChannelError
from celery import current_app
from django.db import transaction
from kombu import Connection

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
