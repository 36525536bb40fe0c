"""What a reader of an answer must know: what is not in it, what was assumed, what repeats.

Layer: inside `questions`, above `prepare`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sessionkit.dimensions import LABELS
from sessionkit.questions.asked import Asked
from sessionkit.questions.comparison_notes import notes_of_comparison
from sessionkit.questions.prepare import Ready

REPEATS = (*LABELS, "coupon_code")
"""The dimensions of which a session can have several values."""


def notes_of(
    asked: Asked,
    ready: Ready,
    columns: Collection[str],
    *,
    all_states: bool,
    discounts: bool,
    labels_apart: bool,
) -> Iterator[str]:
    """Write the notes of an answer.

    Args:
        asked: What was asked.
        ready: What was made ready for it.
        columns: The figures of the question.
        all_states: Whether sessions of one state only are worth a warning.
        discounts: Whether the answer rests on what is known of discounts.
        labels_apart: Whether labels group discounts rather than sessions.

    Yields:
        Sentences, the gravest first.
    """
    source = ready.source
    if all_states and source["session_count"] and source["any_state"] == source["other_state"]:
        yield (
            f"The source holds sessions in one state only ({source['any_state']}), as an "
            "export filtered by state does; shares and steps then say little."
        )
    if ready.later is not None:
        yield (
            "States, times and amounts are those of as_of; everything else is as last seen. "
            f"Created later, and not counted: {_sessions(ready.later)}."
        )
    if ready.comparison is not None:
        yield from notes_of_comparison(ready.comparison, asked)
    yield from _apart(ready)
    if discounts:
        yield from _unknown_discounts(ready.selection, columns)
        for note in _unknown_discounts(ready.selection_before, columns):
            yield f"Compared with: {note}"
    yield from _net_totals(ready)
    yield from _undated(asked, ready)
    yield from _repeats(ready, labels_apart)


def _apart(ready: Ready) -> Iterator[str]:
    if not ready.added:
        return
    codes: dict[int, dict[str, None]] = {}
    for row in (*ready.selection, *ready.selection_before):
        codes.setdefault(row["application_id"], {})[row["currency"] or "not known"] = None
    unknown = any("not known" in several for several in codes.values())
    name_them = " Name them with currencies." if unknown else ""
    listed = ", ".join(
        f"{application} ({', '.join(several)})" for application, several in list(codes.items())[:10]
    )
    more = f" and {len(codes) - 10} more" if len(codes) > 10 else ""
    yield (
        f"{' and '.join(ready.added)} joined the groups, as amounts of different currencies are "
        f"never added. Currencies of the applications: {listed}{more}.{name_them}"
    )


def _unknown_discounts(
    selection: Sequence[Mapping[str, Any]], columns: Collection[str]
) -> Iterator[str]:
    ambiguous = _counted(selection, "ambiguous")
    unknown = _counted(selection, "unknown")
    if ambiguous:
        yield (
            f"{_sessions(ambiguous)} {_has(ambiguous)} an empty discount map that can mean none or "
            f"not known.{_in_their_groups(columns)} Where it means none, say so with "
            "empty_discounts."
        )
    if unknown:
        yield (
            f"The discounts of {_sessions(unknown)} are not known: no discount figure covers them."
        )


def _in_their_groups(columns: Collection[str]) -> str:
    """What that does to the figures of the question."""
    rates = [name for name in ("discount_rate", "discount_penetration") if name in columns]
    told = ["discount_total is a lower bound"] if "discount_total" in columns else []
    told += [f"{' and '.join(rates)} {'is' if len(rates) == 1 else 'are'} null"] if rates else []
    return f" In their groups {', and '.join(told)}." if told else ""


def _net_totals(ready: Ready) -> Iterator[str]:
    for row in ready.net_totals:
        yield (
            f"Application {row['application_id']}: the total of {row['net_count']:,} of "
            f"{row['discounted_count']:,} discounted sessions equals items and costs less the "
            "discounts, so its totals seem to be after discounts. If they are, say so with "
            "total_basis."
        )
    lost = _counted(ready.selection, "total_lost")
    if lost:
        yield (
            f"The total before discounts of {_sessions(lost)} is not known: the totals of their "
            "application are after discounts, and their discounts are not known."
        )


def _undated(asked: Asked, ready: Ready) -> Iterator[str]:
    undated = _counted(ready.selection, "undated")
    if not undated or asked.time_basis == "created":
        return
    if asked.since or asked.until:
        fate = "outside since and until, so they are not counted here"
    elif any(one.is_period for one in ready.by):
        fate = "in the null period"
    else:
        return
    have = f"{_sessions(undated)} {_has(undated)} no {asked.time_basis}_at"
    yield f"{have}: they are {fate}."


def _repeats(ready: Ready, labels_apart: bool) -> Iterator[str]:
    names = [one.name for one in ready.by if one.name in REPEATS]
    names += [one.name for one in ready.by if one.attribute in ready.lists]
    told = [name for name in names if not (labels_apart and name in LABELS)]
    if told:
        yield (
            f"A session with several values of {' or '.join(told)} stands in each of their rows, "
            "so the rows add up to more than there is; total_row adds the distinct figures."
        )
    if labels_apart and len(told) < len(names):
        yield (
            "A session stands in the row of each of its labels: discounts add up over the rows, "
            "session_count and gross_total do not; total_row adds the distinct figures."
        )


def _counted(selection: Sequence[Mapping[str, Any]], what: str) -> int:
    return sum(row.get(what, 0) for row in selection)


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"
