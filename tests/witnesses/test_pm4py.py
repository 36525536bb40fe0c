"""Transitions against pm4py: how often one state directly follows another, and after how long."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sessionkit import questions
from tests.asking import columns
from tests.histories import shop_with_history
from tests.oracle_histories import History, session_key
from tests.test_questions_transitions import START, held, moment

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pm4py
    from pm4py.algo.discovery.dfg.adapters.pandas.df_statistics import get_dfg_graph

Event = tuple[str, datetime]
Log = dict[Any, list[Event]]
Tables = Mapping[str, pa.Table]
Figures = dict[tuple[str, str], tuple[Any, ...]]
SEEDS = range(20)
STATES = ("open", "closed", "partially_returned", "cancelled")
NONE = "(none)"


def frame(log: Log) -> pd.DataFrame:
    """A log as pm4py takes it: one row per event."""
    cases = {key: str(place) for place, key in enumerate(log)}
    rows = [(cases[key], state, at) for key, events in log.items() for state, at in events]
    return pd.DataFrame(rows, columns=["case:concept:name", "concept:name", "time:timestamp"])


def counted(log: Log) -> Figures:
    """Of each pair: in how many sessions it is, and how often."""
    followed, _, _ = pm4py.discover_dfg(frame(log))
    once = get_dfg_graph(frame(log), keep_once_per_case=True)
    assert followed.keys() == once.keys()
    return {pair: (once[pair], count) for pair, count in followed.items()}


def timed(log: Log) -> Figures:
    """Of each pair: the median of the seconds between."""
    took, _, _ = pm4py.discover_performance_dfg(frame(log), perf_aggregation_key="median")
    return {pair: (pytest.approx(median, abs=1e-6),) for pair, median in took.items()}


def asked(tables: Tables, *names: str, **arguments: Any) -> Figures:
    """What the package says of each pair, in the one group that there is."""
    result = questions.transitions(tables, currencies="EUR", **arguments)
    found = columns(result, "from_state", "to_state", *names)
    return {(one, two): tuple(figures) for one, two, *figures in found}


def chosen(tables: Tables, keys: Iterable[Any]) -> dict[str, pa.Table]:
    """The tables without the other sessions."""
    kept = set(keys)
    some = {
        name: tables[name].filter(
            pa.array([session_key(row) in kept for row in tables[name].to_pylist()], pa.bool_())
        )
        for name in ("sessions", "snapshots", "effects")
    }
    return {**tables, **some}


def seen(tables: Tables) -> Log:
    """The states that each session was seen in, begun by its creation; in order."""
    history = History(tables)
    return {
        session_key(s): [
            (NONE, s["created_at"]),
            *((stop.state, stop.at) for stop in history.stops(s)),
        ]
        for s in history.data.sessions
    }


def in_places(log: Log) -> Log:
    """The same, with times that only say which event comes after which."""
    return {
        key: [(state, START + timedelta(seconds=place)) for place, (state, _) in enumerate(events)]
        for key, events in log.items()
    }


def in_time(log: Log) -> Log:
    """The sessions of which every moment is told, none before the one before it."""
    return {
        key: events
        for key, events in log.items()
        if all(at is not None for _, at in events)
        and all(one <= two for (_, one), (_, two) in pairwise(events))
    }


def lives(seed: int) -> dict[str, list[tuple[str, int]]]:
    """Random lives, lawful or not: states, and the seconds since the creation."""
    dice = Random(seed)
    found = {}
    for number in range(40):
        second, state, steps = 0, "", []
        for _ in range(dice.randint(1, 6)):
            # Twice on end closed, or cancelled, is one closing, or cancelling, that was seen twice.
            other = [s for s in STATES if s != state or s in ("open", "partially_returned")]
            state = dice.choice(other)
            second += dice.choice((1, 60, 86_400, dice.randrange(1, 10**6)))
            steps.append((state, second))
        found[f"s{number}"] = steps
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_lives_that_dumps_held_whole(seed: int) -> None:
    told = lives(seed)
    log: Log = {
        name: [(NONE, START), *((state, moment(second)) for state, second in steps)]
        for name, steps in told.items()
    }
    tables = held(told)
    assert asked(tables, "session_count", "transition_count") == counted(log)
    assert asked(tables, "median_seconds") == timed(log)


@pytest.mark.parametrize("seed", SEEDS)
def test_lives_of_which_dumps_held_some(seed: int) -> None:
    tables = shop_with_history(seed)
    log = seen(tables)
    assert len(log) == 60
    assert asked(tables, "session_count", "transition_count") == counted(in_places(log))
    dated = in_time(log)
    assert len(dated) > 20
    some = chosen(tables, dated)
    assert asked(some, "session_count", "transition_count") == counted(dated)
    assert asked(some, "median_seconds") == timed(dated)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sessions_of_each_group(seed: int) -> None:
    tables = shop_with_history(seed)
    log = seen(tables)
    stores = {session_key(row): row["store_id"] for row in tables["sessions"].to_pylist()}
    found = questions.transitions(tables, currencies="EUR", by="store_id")
    names = ("store_id", "from_state", "to_state", "session_count", "transition_count")
    expected = {
        (store, *pair, *figures)
        for store in set(stores.values())
        for pair, figures in counted(
            in_places({key: events for key, events in log.items() if stores[key] == store})
        ).items()
    }
    assert set(columns(found, *names)) == expected
