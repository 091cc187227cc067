"""Timing two ways of doing the same, taking turns so that the machine's moods hit both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any, Literal


def interleaved(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    rounds: int = 5,
    before: Callable[[], Any] = lambda: None,
    before_ours: Callable[[], Any] = lambda: None,
    warm_up: bool = True,
) -> tuple[float, float]:
    """Median seconds of `ours` and of `theirs`. They take turns, and who goes first changes each round;
    `before` runs untimed before each of them (to empty a table, say), `before_ours` only before ours."""
    if warm_up:
        for side in (ours, theirs):
            before()
            if side is ours:
                before_ours()
            side()
    taken: dict[Callable[[], Any], list[float]] = {ours: [], theirs: []}
    for turn in range(rounds):
        for side in (ours, theirs) if turn % 2 == 0 else (theirs, ours):
            before()
            if side is ours:
                before_ours()
            taken[side].append(seconds(side))
    return statistics.median(taken[ours]), statistics.median(taken[theirs])


def seconds(work: Callable[[], Any]) -> float:
    """How long `work()` takes, without garbage left by what ran before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def row(
    name: str, ours: float, theirs: float, *, goal: float, better: Literal["lower", "higher"] = "lower"
) -> dict[str, Any]:
    """A result: `ratio` is ours / theirs, and `ok` whether it reaches `goal` (at most it where lower is
    better)."""
    ratio = ours / theirs
    return {
        "name": name,
        "ours": ours,
        "theirs": theirs,
        "ratio": ratio,
        "goal": goal,
        "better": better,
        "ok": ratio <= goal if better == "lower" else ratio >= goal,
    }
