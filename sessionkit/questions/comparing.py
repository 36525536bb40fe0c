"""Answering a question twice, for now and for before, and laying the answers side by side.

Groups that only one of the two has are asked for in the other, where they are groups without a
session. So a figure reads there as the question itself tells it of no session: a count is 0, a
sum of unknown discounts stays unknown.

Layer: inside `questions`, above `prepare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from sessionkit.database import quoted
from sessionkit.dimensions import LABELS
from sessionkit.questions.prepare import Ready
from sessionkit.questions.workbench import Workbench
from sessionkit.side_by_side import BEFORE, CHANGE, DIFFERENCE


class Rows(NamedTuple):
    """What tells the rows of a question apart, and how its figures compare.

    Attributes:
        keys: Columns of its own that tell the rows of a group apart.
        rates: Figures from 0 to 1, which differ in points and have no change.
        labels_apart: Whether labels group discounts rather than sessions.
        of_group: Figures that all rows of a group share, so that a row that one side lacks has
            them too; null where that side has no row of the group.
    """

    keys: tuple[str, ...]
    rates: tuple[str, ...]
    labels_apart: bool
    of_group: tuple[str, ...] = ()


def answer_both(bench: Workbench, text: str, ready: Ready, rows: Rows) -> pa.Table:
    """Answer for now and for before.

    Args:
        bench: Where the question is ready.
        text: Its select.
        ready: What was made ready.
        rows: What its rows are.

    Returns:
        The rows of both, in the order of those of now, rows that only those before have last.
    """
    comparison = ready.comparison
    assert comparison is not None
    always = bench.views["always"]
    _keep_only_money(bench, ready)
    bench.keep_answer("answer_now", text)
    comparison.turn(bench, back=True)
    _add_groups_of(bench, "answer_now", always, ready, rows)
    bench.keep_answer("answer_before", text)
    now = "answer_now"
    if bench.desk.rows(_MISSING):
        comparison.turn(bench, back=False)
        _add_groups_of(bench, "answer_before", always, ready, rows)
        now = "answer_now_of_all"
        bench.keep_answer(now, text)
    return bench.desk.answer(_side_by_side(bench.desk, now, ready, rows))


_MISSING = (
    "select 1 from (select is_total, grp from answer_before except "
    "select is_total, grp from answer_now) limit 1"
)


def _add_groups_of(bench: Workbench, answer: str, always: str, ready: Ready, rows: Rows) -> None:
    """Let the groups of an answer have a row, too, beside those that always have one."""
    names = []
    for place, one in enumerate(ready.by, 1):
        apart = rows.labels_apart and one.name in LABELS
        names.append(f"{'label' if apart else 'by'}_{place}")
    names += ["by_partial"] if any(one.is_period for one in ready.by) else []
    names += [] if any(name.startswith("by_") for name in names) else ["by_0"]
    parts = [bench.part_of_group(place, name) for place, name in enumerate(names, 1)]
    columns = [f"{part} as {name}" for part, name in zip(parts, names, strict=True)]
    if rows.labels_apart:  # shares are of all money: whose is that of a group without a session?
        held = {one.name: part for one, part in zip(ready.by, parts, strict=False)}
        columns += [
            f"cast({held.get('application_id', 'null')} as bigint) as told_application",
            f"cast({held.get('currency', 'null')} as string) as told_currency",
        ]
    groups = f"select distinct is_total, {', '.join(columns)}\nfrom {answer}"
    if rows.labels_apart:
        bench.views.pop("always")
        bench.view("told_groups", groups)
        groups = bench.text_of("prepared/groups_with_money")
    bench.view("always", bench.with_groups(always, groups, names))


def _keep_only_money(bench: Workbench, ready: Ready) -> None:
    """Keep the application and the currency of all amounts, where there is one."""
    found = [one for one in (*ready.selection, *ready.selection_before) if one.get("counted")]
    if len({one["money"] for one in found}) == 1:
        bench.keep("only_application", found[0]["application_id"])
        bench.keep("only_currency", found[0]["currency"])


def _side_by_side(bench: Workbench, now: str, ready: Ready, rows: Rows) -> str:
    """The select that joins both answers."""
    told = bench.rows(f"describe {now}")
    types = {row["column_name"]: row["column_type"] for row in told}
    own = [name for name in types if name not in ("is_total", "grp")]
    is_told, period = "true", []
    if ready.comparison is not None and ready.comparison.period is not None:
        names = [one.name for one in ready.by]
        first_day = f"grp[{names.index(ready.comparison.period) + 1}]"
        assert ready.comparison.move is not None
        back = f"cast({ready.comparison.move.back.format(first_day)} as date)"
        period = [f"{back} as {quoted(ready.comparison.period + BEFORE)}"]
        is_told = f"is_total or {back} is not null"
    lines = [f"    {line}" for line in ["is_total", "grp", *period]]
    for name in own:
        lines += [f"    {one}" for one in _columns(name, types[name], rows)]
    keys = ["is_total", "grp", *map(quoted, rows.keys)]
    text = "\n        and ".join(f"now.{key} is not distinct from before.{key}" for key in keys)
    return _JOINED.format(
        now=now,
        keys=",\n        ".join(f"coalesce(now.{key}, before.{key}) as {key}" for key in keys),
        on=text,
        told=is_told,
        columns=",\n".join(lines),
    )


_JOINED = """\
-- compared: the figures of now, those before, the difference and the change.
-- grain:  one row per row of either answer
-- reads:  {now}, answer_before
-- note:   a period without one to be compared with has no figures before.

with both_sides as (
    select
        {keys},
        now,
        before,
        now.rowid is not null    as is_now,
        before.rowid is not null as is_before,
        now.rowid                as now_place,
        before.rowid             as before_place
    from (select *, rowid from {now}) as now
    full join (select *, rowid from answer_before) as before
        on {on}
),

judged as (
    select
        *,
        {told} as is_told
    from both_sides
)

select
{columns}
from judged
order by is_total, now_place nulls last, before_place
"""


def _columns(name: str, type: str, rows: Rows) -> Iterator[str]:
    """What is selected of one column of the question."""
    quoted_name = quoted(name)
    if name in rows.keys:
        yield quoted_name
        return
    exact = type.startswith(("DECIMAL", "BIGINT", "INTEGER", "HUGEINT"))
    if not exact and type != "DOUBLE":
        yield f"if(is_now, now.{quoted_name}, before.{quoted_name}) as {quoted_name}"
        return
    nothing = f"cast(0 as {type})" if exact else "null"
    if name in rows.of_group:
        nothing = f"max({{}}.{quoted_name}) over (partition by is_total, grp)"
    now = f"if(is_now, now.{quoted_name}, {nothing.format('now')})"
    before = f"if(is_before, before.{quoted_name}, {nothing.format('before')})"
    before = f"if(is_told, {before}, null)"
    difference = f"({now} - {before})"
    yield f"{now} as {quoted_name}"
    yield f"{before} as {quoted(name + BEFORE)}"
    yield f"cast({difference} as {type}) as {quoted(name + DIFFERENCE)}"
    if name not in rows.rates:
        yield f"{difference} / nullif({before}, 0) as {quoted(name + CHANGE)}"


def definitions(columns: Mapping[str, str], rows: Rows, period: str | None) -> dict[str, str]:
    """What the columns mean that a comparison adds."""
    told = {}
    for name, meaning in columns.items():
        unit = (
            " In points: 0.01 is one percentage point."
            if name in rows.rates
            else " In the currency of the application."
            if meaning.endswith("In the currency of the application.")
            else ""
        )
        told[name + BEFORE] = f"{name} of what the row is compared with."
        told[name + DIFFERENCE] = f"{name} − {name}{BEFORE}.{unit}"
        told[name + CHANGE] = (
            f"{name} / {name}{BEFORE} − 1: 0.1 is ten percent more; null where there is nothing "
            "to divide by."
        )
    if period is not None:
        told[period + BEFORE] = (
            f"The first day of the {period} that the row is compared with; null where there is "
            "none."
        )
    return told
