"""Forgetting a person in what the back office itself keeps."""

from __future__ import annotations

from backoffice.declarations import Person
from backoffice.models import IdempotentAnswer, JobRun
from backoffice.personal_data import naming


def forget_in_jobs(person: Person) -> int:
    """Blank what job runs were told, said and returned, where it names the person. The runs stay."""
    ended = JobRun.objects.exclude(state__in=JobRun.ACTIVE)
    return naming(ended, person, "arguments", "result", "error", "traceback").update(
        arguments={}, result={}, error="", traceback=""
    )


def forget_in_answers(person: Person) -> int:
    """Delete the kept answers of the API that name the person: a repeated request is carried out anew."""
    deleted, _by_table = naming(IdempotentAnswer.objects.all(), person, "body", "key").delete()
    return deleted
