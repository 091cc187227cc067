"""Drift in words: what moved, since when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from profiles.datasets.features import BY_KEY
from segments.algorithms.drift import SHIFTED
from segments.models import Alarm, Drift, DriftCause, Method, Segment, SegmentRun

SAME = 0.05  # a change of the average that is not worth a figure


def sentences(run: SegmentRun) -> list[str]:
    """The alarms of a run in the reader's language, the strongest first; none when nothing drifted."""
    if run.drift is None:
        return []
    since = _day(run.drift.since)
    return [_SENTENCES[alarm.kind](alarm, since) for alarm in run.drift.alarms]


def newly_recorded(run: SegmentRun) -> list[str]:
    """What is known of many more customers than when the groups were found: no drift, and worth knowing."""
    drift = run.drift
    if drift is None:
        return []
    return [
        _("%(feature)s is now known of %(now)s of the customers; on %(since)s it was of %(then)s.")
        % {
            "feature": BY_KEY[row.feature].title,
            "now": percent(row.now),
            "then": percent(row.then),
            "since": _day(drift.since),
        }
        for row in drift.recorded
    ]


def drift_rows(drift: Drift) -> list[dict[str, Any]]:
    """Each feature with its stability index, the largest first; `width`: of its bar, 100 at an alarm."""
    indices = sorted(drift.features.items(), key=lambda pair: -pair[1])
    return [
        {"feature": BY_KEY[key], "index": index, "width": round(min(index / SHIFTED, 1) * 100)}
        for key, index in indices
    ]


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def _feature(alarm: Alarm, since: str) -> str:
    change = alarm.now / alarm.then - 1 if alarm.then else 0.0
    words = {
        "feature": BY_KEY[alarm.feature].title,
        "change": percent(abs(change)),
        "since": since,
        "cause": _cause(alarm.cause),
    }
    if abs(change) < SAME:
        return (
            _(
                "%(feature)s: the average is the same as on %(since)s, but it is spread differently: "
                "%(cause)s."
            )
            % words
        )
    if change < 0:
        return _("%(feature)s, average per customer: %(change)s lower than on %(since)s: %(cause)s.") % words
    return _("%(feature)s, average per customer: %(change)s higher than on %(since)s: %(cause)s.") % words


def _cause(cause: DriftCause | None) -> str:
    cause = cause or DriftCause("behaviour")
    if cause.kind == "stopped":
        return _stopped(cause.source, cause.last)
    if cause.kind == "rate":
        words = {"now": number(cause.now, 1), "then": number(cause.then, 1)}
        if cause.source == "events":
            return _("in the whole shop %(now)s browsing events a day arrive instead of %(then)s") % words
        return _("in the whole shop %(now)s orders a day arrive instead of %(then)s") % words
    if cause.kind == "lost":
        return _("it is known of %(now)s of the customers instead of %(then)s") % {
            "now": percent(cause.now),
            "then": percent(cause.then),
        }
    if cause.kind == "time":
        return _("time has passed since the groups were found")
    return _("as many facts arrive as then, so customers behave differently")


def _stopped(source: str, last: datetime | None) -> str:
    if last is None:
        return (
            _("no browsing events for half a year") if source == "events" else _("no orders for half a year")
        )
    words = (
        _("browsing events stopped arriving on %s")
        if source == "events"
        else _("orders stopped arriving on %s")
    )
    return words % _day(last)


def _share(alarm: Alarm, since: str) -> str:
    segment = Segment.objects.filter(method=Method.KMEANS, slug=alarm.slug).first()
    words = {
        "name": segment.name if segment else alarm.slug,
        "now": percent(alarm.now),
        "then": percent(alarm.then),
    }
    return _("%(name)s are %(now)s of the buyers; on %(since)s they were %(then)s.") % (
        words | {"since": since}
    )


def _movement(alarm: Alarm, _since: str) -> str:
    return _(
        "%(now)s of the buyers changed group since the run before; chance and the days between explain "
        "%(then)s."
    ) % {
        "now": percent(alarm.now, 1),
        "then": percent(alarm.then, 1),
    }


_SENTENCES = {"feature": _feature, "share": _share, "movement": _movement}
