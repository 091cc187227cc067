from __future__ import annotations

import pytest

from backoffice.actions import request_job, run_job
from backoffice.models import JobRun
from segments.models import SegmentRun


@pytest.mark.django_db(transaction=True)
def test_the_job_refuses_an_empty_shop_in_words():
    run, _new = request_job(name="segments.refresh")
    run_job(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == JobRun.State.FAILED
    assert "Import more orders first" in run.error
    assert not SegmentRun.objects.exists()
