"""The section about codes: which coupons and referrals were entered, and how those sessions ended.

Layer: inside `page`, above `parts` and `charts`.
"""

from __future__ import annotations

from sessionkit.page.answers import Answers, Group
from sessionkit.page.charts import Bar, bars
from sessionkit.page.grid import Block, Figure, Section
from sessionkit.page.numbers import plural
from sessionkit.page.parts import groups_of, left_out, part, remarks, titled, top

CODES = 20
"""How many codes of each application a table shows."""
_DRAWN = 10
_SEEN = 200
_FIGURES = (
    "session_count",
    "customer_count",
    "kept_whole",
    "partially_returned",
    "revoked",
    "in_progress",
    "gross_total",
    "discount_total",
    "accepted_count",
    "rejected_count",
)


def codes(asked: Answers) -> Section:
    """Which codes were entered most."""
    blocks = []
    kinds = (("coupons", "coupon_code", "coupon code"), ("referrals", "referral_code", "referral"))
    for name, column, noun in kinds:
        for place, group in enumerate(groups_of(asked)):
            block = _codes(asked, group, place, (name, column, noun))
            if block is not None:
                blocks.append(block)
    answers = (asked["coupons"], asked["referrals"])
    says = ("Dark: kept. Lighter: returned, cancelled or still open.", *left_out(asked))
    return Section(
        "codes",
        "Which codes were entered?",
        "Codes",
        says if blocks else ("No coupon or referral code was entered.",),
        tuple(blocks),
        remarks(answers),
        answers,
    )


def _codes(asked: Answers, group: Group, place: int, kind: tuple[str, str, str]) -> Block | None:
    name, column, noun = kind
    result = asked[name]
    told = top(result, group, "session_count", column, CODES)
    if not told.rows:
        return None
    most = told.rows[0]["session_count"]
    drawn = [
        Bar(
            str(row[column]),
            kept := row["kept_whole"],
            f"{kept:,} of {row['session_count']:,}",
            beyond=row["session_count"] - kept,
        )
        for row in told.rows[:_DRAWN]
        if row["session_count"] * _SEEN >= most
    ]
    known = any(row["accepted_count"] is not None for row in told.rows)
    shown = _FIGURES if known else _FIGURES[:-2]
    caption = titled(f"Sessions by {noun}", asked, result, group)
    table = part(f"{name}-{place}", caption, result, (column, *shown), told.rows)
    left = plural(told.left, f"further {noun}")
    said = f"{plural(told.every, noun)}; the one entered most is in {plural(most, 'session')}."
    says = (said, *([f"{left} stand in no row."] if told.left else []))
    title = titled(noun.capitalize() + "s", asked, result, group)
    figure = Figure(f"Sessions in which the {noun} was entered", bars(caption, drawn))
    return Block((table,), title, (figure,), says=says)
