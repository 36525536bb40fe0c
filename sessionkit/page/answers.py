"""The questions that the page asks, each once.

Layer: inside `page`; imports `questions` and `lifecycle` from below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from sessionkit import questions
from sessionkit.database import Source, open_source
from sessionkit.page.basket_values import basket_values
from sessionkit.page.facts import Facts
from sessionkit.result import Result

Row = dict[str, Any]
Group = tuple[Any, ...]

POPULATIONS = ("completed", "open", "cancelled")
"""The populations of the key figures beside `all`, the one that money questions are about first."""

_GROUPS = ("application_id", "currency")
_PERIODS = (("day", 45), ("week", 210), ("month", 2000))
_COMPARED = (("month", 62), ("week", 14))


@dataclass
class Answers:
    """The answers that the page shows, by the names under which they were asked.

    Attributes:
        source: What was asked.
        common: Arguments that every question takes, such as `tz` and `currencies`.
        period: What figures over time are cut into.
        compared: The period that is compared with the one before it.
        results: The answers.
        arguments: What each was asked with, beside the common arguments.
        remarks: What there is to say of the totals, and why groups stand apart.
        nothing: The totals of no session at all, for groups that a population does not have.
    """

    source: Source
    common: Mapping[str, Any]
    period: str
    compared: str
    results: dict[str, Result] = field(default_factory=dict)
    arguments: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    nothing: Row = field(default_factory=dict)

    def __getitem__(self, name: str) -> Result:
        return self.results[name]

    def ask(self, name: str, question: Callable[..., Result], **own: Any) -> Result:
        """Ask one question, and keep the answer under a name."""
        self.results[name] = question(self.source, **own, **self.common)
        self.arguments[name] = own
        return self.results[name]


def ask_all(source: Source, read: Facts, common: Mapping[str, Any]) -> Answers:
    """Ask a source everything that the page shows.

    Args:
        source: Tables, or a folder of them.
        read: From when to when the data are.
        common: Arguments that every question takes, such as `tz` and `currencies`.

    Returns:
        The answers.
    """
    days = _days(read)
    period = next((name for name, most in _PERIODS if days <= most), "quarter")
    compared = next((name for name, least in _COMPARED if days >= least), "day")
    asked = Answers(source, common, period, compared)
    named = [] if common.get("currencies") is None else ["currency"]
    every = asked.ask("all", questions.totals, by=named, population="all")
    # Fewer sessions may need no such columns; the page has the same groups everywhere.
    apart = list(group_columns(every.table))
    asked.remarks = every.notes
    asked.nothing = questions.totals({}).table.to_pylist()[0]
    for name in POPULATIONS:
        asked.ask(name, questions.totals, by=apart, population=name)
    asked.ask("compared", questions.totals, by=[*apart, compared], compare="previous")
    asked.ask("times", questions.totals, by=[*apart, period])
    asked.ask("states", questions.states, by=apart)
    asked.ask("outcomes", questions.outcomes, by=apart)
    asked.ask("transitions", questions.transitions)
    asked.ask("funnel", questions.funnel)
    asked.ask("closing", questions.time_to_close)
    asked.ask("labels", questions.discount_summary, by=[*apart, "base_label"])
    asked.ask("label_times", questions.discount_summary, by=[*apart, "base_label", period])
    asked.ask("depth", questions.discount_depth, by=apart)
    asked.ask("stacks", questions.discount_stacks, by=apart)
    asked.ask("baskets", basket_values, by=apart)
    asked.ask("items", questions.top_items, by=apart)
    asked.ask("customers", questions.customer_summary, by=apart)
    asked.ask("cohorts", questions.cohort_retention, period="quarter" if days > 800 else "month")
    asked.ask("coupons", questions.coupon_summary, by=apart)
    asked.ask("referrals", questions.referral_summary, by=apart)
    if _has_effects(source):
        asked.ask("campaigns", questions.campaign_summary, by=apart)
        asked.ask("rejections", questions.coupon_rejections, by=apart)
    return asked


def _has_effects(source: Source) -> bool:
    """Whether anything tells what campaigns did."""
    with open_source(source, {"effects"}) as connection:
        return bool(connection.execute("select 1 from effects limit 1").fetchall())


def _days(read: Facts) -> float:
    """How many days the data cover."""
    first, last = read.span["first_created_at"], read.span["last_created_at"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return 0.0
    return (last - first).total_seconds() / 86400


def by_group(table: pa.Table) -> dict[Group, list[Row]]:
    """The rows of an answer by application and currency, which are never added.

    A question adds those columns by itself where there is no common currency; without them all
    rows are one group, named `()`.
    """
    names = group_columns(table)
    grouped: dict[Group, list[Row]] = {}
    for row in table.to_pylist():
        grouped.setdefault(tuple(row[name] for name in names), []).append(row)
    return grouped


def group_columns(table: pa.Table) -> tuple[str, ...]:
    """The columns that keep money of different currencies apart."""
    return tuple(name for name in _GROUPS if name in table.column_names)


def group_name(table: pa.Table, group: Group) -> str:
    """A group as a heading, such as `Application 270, EUR`; empty when there is one group."""
    words = {"application_id": "Application {}", "currency": "{}"}
    return ", ".join(
        words[name].format("–" if value is None else value)
        for name, value in zip(group_columns(table), group, strict=True)
    )


def unit_of(table: pa.Table, group: Group) -> str:
    """The currency of a group, for an axis or a heading of amounts."""
    told = dict(zip(group_columns(table), group, strict=True)).get("currency")
    return "currency not named" if told is None else str(told)
