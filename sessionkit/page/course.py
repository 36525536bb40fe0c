"""The sections about how sessions go: where they stand, how they got there, how far they came.

Layer: inside `page`, above `parts`, `charts` and `flows`.
"""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from sessionkit.lifecycle import STATES
from sessionkit.page.answers import Answers
from sessionkit.page.charts import Bar, bars
from sessionkit.page.flows import Node, flow
from sessionkit.page.grid import Block, Cell, Figure, Grid, Section, heat, link_to
from sessionkit.page.numbers import duration, percent
from sessionkit.page.parts import counted, remarks, whole

_ENDS = {
    "closed": ("kept_whole", "partially_returned", "revoked"),
    "not closed": ("in_progress", "idle", "cancelled_open"),
    "not known": ("cancelled_unknown",),
}
_ENDED = {
    "kept_whole": "kept whole",
    "partially_returned": "partly returned",
    "revoked": "cancelled later",
    "cancelled_open": "cancelled",
    "cancelled_unknown": "cancelled",
    "idle": "idle",
    "in_progress": "in progress",
}
_FUNNEL = (
    "name",
    "reached",
    "unknown",
    "from_previous",
    "from_first",
    "from_first_high",
    "dropped",
    "in_progress",
    "median_seconds",
    "p90_seconds",
)
_WITHIN = ("1_hour", "1_day", "3_days", "7_days", "30_days")


def states(asked: Answers) -> Section:
    """Where sessions are, where they ended up, and which state followed which."""
    counts = Counter(dict.fromkeys(STATES, 0))
    for row in asked["states"].table.to_pylist():
        counts[row["state"]] += row["session_count"]
    every = counts.total()
    drawn = [Bar(name.replace("_", " "), n, counted(n, every)) for name, n in counts.items()]
    shown = ("state", "session_count", "share", "gross_total")
    ended = ("outcome", "session_count", "share", "gross_total", "median_age_seconds")
    answers = (asked["states"], asked["outcomes"], asked["transitions"])
    return Section(
        "states",
        "Where do the sessions stand, and how did they get there?",
        "States",
        blocks=(
            Block(
                figures=(
                    Figure(
                        "Sessions by the state they are in",
                        bars("Sessions in each state", drawn, every),
                    ),
                ),
                tables=(whole("states-table", "Sessions by state", asked["states"], shown),),
            ),
            Block(
                figures=(Figure("What became of the sessions", _flow(asked)),),
                tables=(
                    whole("outcomes-table", "Sessions by outcome", asked["outcomes"], ended),
                    _matrix(asked),
                ),
            ),
        ),
        notes=remarks(answers),
        answers=answers,
    )


def _flow(asked: Answers) -> Markup:
    """Sessions from being created over being closed to how they ended."""
    counts: Counter[str] = Counter()
    for row in asked["outcomes"].table.to_pylist():
        counts[row["outcome"]] += row["session_count"]
    every = counts.total()
    middle = []
    for name, outcomes in _ENDS.items():
        leaves = tuple(
            Node(_ENDED[one], counts[one], counted(counts[one], every)) for one in outcomes
        )
        value = sum(leaf.value for leaf in leaves)
        middle.append(Node(name, value, counted(value, every), leaves))
    tree = Node("created", every, f"{every:,}", tuple(middle))
    return flow("Sessions from being created, over being closed, to how they ended", tree)


def _matrix(asked: Answers) -> Grid:
    """Which state followed which: a row for each state before, a column for each one after."""
    seen: Counter[tuple[str, str]] = Counter()
    illegal = set()
    for row in asked["transitions"].table.to_pylist():
        pair = row["from_state"], row["to_state"]
        seen[pair] += row["session_count"]
        if row["verdict"] == "illegal":
            illegal.add(pair)
    highest = max(seen.values(), default=0)
    link = link_to(asked["transitions"])
    corner = Cell("from, down; to, across", note=link.to("session_count"))
    rows = tuple(
        (
            Cell(before.replace("_", " ")),
            *(
                _followed(seen[before, after], highest, (before, after) in illegal)
                for after in STATES
            ),
        )
        for before in ("(none)", *STATES)
        if any(seen[before, after] for after in STATES)
    )
    headings = (corner, *(Cell(state.replace("_", " "), number=True) for state in STATES))
    return Grid(
        "transitions-table", "Sessions in which one state was seen after another", headings, rows
    )


def _followed(count: int, highest: int, illegal: bool) -> Cell:
    said = f"{count:,}" + (" illegal" if illegal else "") if count else ""
    return Cell(said, str(count), number=True, heat=heat(float(count), float(highest)))


def funnel(asked: Answers) -> Section:
    """How far sessions came, and how long it took them to close."""
    rows = asked["funnel"].table.to_pylist()
    drawn = [Bar(row["name"], row["reached"], _reached(row), beyond=row["unknown"]) for row in rows]
    closing = asked["closing"].table.to_pylist()[0]
    answers = (asked["funnel"], asked["closing"])
    blocks = [
        Block(
            (whole("funnel-table", "Sessions by step", asked["funnel"], _FUNNEL),),
            figures=(
                Figure(
                    "Sessions that reached each step",
                    bars("Sessions that reached each step", drawn),
                ),
            ),
            says=("The lighter part may have reached the step: nothing tells.",)
            if any(row["unknown"] for row in rows)
            else (),
        )
    ]
    if closing["closed_count"]:
        blocks.append(_closing(asked, closing))
    return Section(
        "funnel",
        "How far did the sessions come, and how fast?",
        "Funnel",
        blocks=tuple(blocks),
        notes=remarks(answers),
        answers=answers,
    )


def _reached(row: dict[str, float]) -> str:
    share, high = row["from_first"], row["from_first_high"]
    if share is None:
        return f"{row['reached']:,}"
    told = percent(share) if not row["unknown"] else f"{percent(share)} to {percent(high)}"
    return f"{row['reached']:,} ({told})"


def _closing(asked: Answers, row: dict[str, float]) -> Block:
    """How long sessions took to close."""
    drawn: list[Bar] = []
    for name in _WITHIN if row["timed_count"] else ():
        share = row[f"closed_within_{name}_share"]
        words = f"within {name.replace('_', ' ')}"
        told = "–" if share is None else percent(share)
        drawn.append(Bar(words, share, f"{told} of {row[f'matured_{name}_count']:,}"))
    says: tuple[str, ...] = ("Of no closing the time is known.",)
    if row["median_seconds"] is not None:
        median, p90 = duration(row["median_seconds"]), duration(row["p90_seconds"])
        says = (
            f"Half of the sessions that closed did so within {median}, nine in ten within {p90}.",
        )
    names = ("closed_count", "open_count", "cancelled_count", "timed_count")
    return Block(
        (
            whole(
                "closing-table",
                "Sessions and how long they took to close",
                asked["closing"],
                ("session_count", *names, "median_seconds", "p90_seconds"),
            ),
        ),
        "Time to close",
        (
            Figure(
                "Share of sessions that closed", bars("Share of sessions that closed", drawn, 1.0)
            ),
        ),
        says=says,
    )
