"""The section about campaigns: what each took off, and which coupons were rejected, and why.

Layer: inside `page`, above `parts` and `charts`.
"""

from __future__ import annotations

from decimal import Decimal

from sessionkit.page.answers import Answers, Group, unit_of
from sessionkit.page.charts import Bar, bars
from sessionkit.page.grid import Block, Figure, Section
from sessionkit.page.numbers import plural
from sessionkit.page.parts import (
    amount,
    groups_of,
    left_out,
    name_of,
    part,
    remarks,
    titled,
    top,
)

CAMPAIGNS = 20
"""How many campaigns of each application a table shows."""
_DRAWN = 10
_CAMPAIGN = (
    "campaign_id",
    "discount_total",
    "session_count",
    "customer_count",
    "gross_total",
    "coupon_count",
    "unmet",
    "residual",
)
_REJECTION = (
    "rejection_reason",
    "rejection_count",
    "session_count",
    "code_count",
    "closed_count",
    "closed_share",
    "gross_total",
)


def campaigns(asked: Answers) -> Section | None:
    """What campaigns did; None where the source holds no effects to tell."""
    if "campaigns" not in asked.results:
        return None
    blocks = []
    for place, group in enumerate(groups_of(asked)):
        blocks += _campaigns(asked, group, place)
        blocks += _rejections(asked, group, place)
    answers = (asked["campaigns"], asked["rejections"])
    said = ("Completed sessions, by the effects of their last evaluation.", *left_out(asked))
    return Section(
        "campaigns",
        "What did the campaigns do?",
        "Campaigns",
        said if blocks else ("No campaign holds a completed session.",),
        tuple(blocks),
        remarks(answers),
        answers,
    )


def _campaigns(asked: Answers, group: Group, place: int) -> list[Block]:
    """What each campaign took off, the dearest first."""
    result = asked["campaigns"]
    told = top(result, group, "discount_total", "campaign_id", CAMPAIGNS)
    if not told.rows:
        return []
    drawn = [
        Bar(_called(row["campaign_id"]), row["discount_total"], amount(row["discount_total"]))
        for row in told.rows[:_DRAWN]
    ]
    if hidden := told.every - len(drawn):
        others = (row["discount_total"] or Decimal(0) for row in told.rows[_DRAWN:])
        rest = sum(others, told.rest)
        drawn.append(Bar(plural(hidden, "other campaign"), rest, amount(rest), weak=True))
    caption = titled("Discounts by campaign", asked, result, group)
    unit = unit_of(result.table, group)
    says = (f"{plural(told.left, 'further campaign')} are in no row.",) if told.left else ()
    return [
        Block(
            (part(f"campaigns-{place}", caption, result, _CAMPAIGN, told.rows),),
            name_of(asked, result, group),
            (Figure(f"Discounts by campaign, {unit}", bars(caption, drawn)),),
            says=says,
        )
    ]


def _called(campaign: int | None) -> str:
    return "no campaign" if campaign is None else f"Campaign {campaign}"


def _rejections(asked: Answers, group: Group, place: int) -> list[Block]:
    """Why coupons were rejected, and how many of those customers bought all the same."""
    result = asked["rejections"]
    told = top(result, group, "rejection_count", "rejection_reason", CAMPAIGNS)
    if not told.rows:
        return []
    drawn = [
        Bar(
            str(row["rejection_reason"] or "no reason told"),
            row["closed_count"],
            f"{row['closed_count']:,} of {row['session_count']:,}",
            beyond=row["session_count"] - row["closed_count"],
        )
        for row in told.rows[:_DRAWN]
    ]
    caption = titled("Rejected coupons by reason", asked, result, group)
    return [
        Block(
            (part(f"rejections-{place}", caption, result, _REJECTION, told.rows),),
            caption,
            (Figure("Sessions with a rejected coupon; dark: closed", bars(caption, drawn)),),
        )
    ]
