"""Transitions: which state followed which, and whether it may."""

from __future__ import annotations

from typing import Unpack

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.database import Source
from sessionkit.lifecycle import NONE, STATES, verdict
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.witnesses import is_earlier, make_stops
from sessionkit.questions.words import GROSS
from sessionkit.questions.workbench import Workbench, literal
from sessionkit.result import Result


@shows_common
def transitions(source: Source, **common: Unpack[Common]) -> Result:
    """Say which state followed which, how often, how soon, and whether it may.

    Seen in the versions of each session that the dumps held, in its times of closing and
    cancelling, and in the events of its effects. Steps between two records go unseen: a pair is
    `direct` where one state may follow the other, `skipped` where only several steps lead there,
    and `illegal` where none do. How much of what was seen is legal stands in the notes.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`. With an earlier `as_of`, only what was seen by then counts.

    Returns:
        One row per group and pair of states that was seen, in the order of the life cycle; a
        session stands in several rows. No row where there is no session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> transitions({}).table.column_names[:3]
        ['from_state', 'to_state', 'session_count']
    """
    now = common.get("as_of") is not None

    def keep(bench: Workbench) -> None:
        make_stops(bench)
        pairs = [(before, after) for before in (NONE, *STATES) for after in STATES]
        rows = ",\n    ".join(
            f"({literal(before)}, {literal(after)}, {place}, {literal(verdict(before, after))})"
            for place, (before, after) in enumerate(pairs)
        )
        bench.view(
            "verdicts",
            f"select * from (values\n    {rows}\n) as t(from_state, to_state, place, verdict)",  # noqa: S608
        )
        earlier = now and is_earlier(bench)
        bench.keep_from("stops_until", "getvariable('as_of')" if earlier else "null")

    return answer(TRANSITIONS, source, common, Own(keep=keep, notes=_notes, now=now))


def _notes(table: pa.Table) -> tuple[str, ...]:
    """The conformance of all groups together: of the total rows, where there are some."""
    if "is_total" in table.column_names:
        table = table.filter(table["is_total"])
    seen = pc.sum(table["transition_count"]).as_py() or 0
    if not seen:
        return ()
    illegal = table.filter(pc.equal(table["verdict"], "illegal"))
    broken = pc.sum(illegal["transition_count"]).as_py() or 0
    return (f"Conformance: {1 - broken / seen:.6g} = 1 − {broken:,} illegal / {seen:,} observed.",)


TRANSITIONS = Question(
    name="transitions",
    function=transitions,
    summary="Which state followed which, and whether it may.",
    grain="pair of states that was seen, and group; a session stands in several",
    population="all",
    all_states=True,
    reads=("snapshots", "effects"),
    columns={
        "from_state": "The state before; `(none)` before the session was created.",
        "to_state": "The next state that was seen.",
        "session_count": "Sessions in which this was seen, each once; a session stands in the row "
        "of each pair that it shows.",
        "transition_count": "How often it was seen: a session can be updated, or reopened, more "
        "than once.",
        "timed_count": "How often both moments are told.",
        "median_seconds": "The middle time between the two moments, in seconds: from created_at, "
        "a closing, a cancelling or an update to the next; of those told.",
        "gross_total": GROSS,
        "verdict": "`direct`: the one may follow the other; `skipped`: it takes several steps, of "
        "which some were not seen; `illegal`: no steps lead there.",
        "evidence": "What showed the next state: `times` (of closing or cancelling), `events` (of "
        "effects), `versions` (that a dump held).",
        "conformance": "1 − illegal / observed transitions of the group, 0 to 1; the same in each "
        "of its rows.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
