"""Discount depth: how many sessions had how much off."""

from __future__ import annotations

from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import AMOUNT, GROUP_SESSION_COUNT
from sessionkit.result import Result


@shows_common
def discount_depth(source: Source, **common: Unpack[Common]) -> Result:
    """Say how many sessions had how much off, in bands of 5 %.

    The depth of a session is its discounts / its total before discounts. A session at the border
    of two bands is in the lower one: 10 % off is in `5–10 %`. Sessions without a depth have bands
    of their own at the end, so that every session of a group is in one of its bands.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.

    Returns:
        One row per group and band, the shallowest first; all bands, also with no session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> bands = discount_depth({}).table["band"].to_pylist()
        >>> bands[:3], bands[-4:]
        (['< 0', '0', '0–5 %'], ['total ≤ 0', 'no total', 'ambiguous', 'unknown'])
    """
    return answer(DISCOUNT_DEPTH, source, common)


DISCOUNT_DEPTH = Question(
    name="discount_depth",
    function=discount_depth,
    summary="How many sessions had how much off.",
    grain="depth band and group; all bands, also with no session",
    discounts=True,
    compares=True,
    keys=("band", "depth_from", "depth_to"),
    rates=("share",),
    columns={
        "band": "Discounts of the session / its total: `< 0`; `0`; `0–5 %` (more than 0, at most "
        "5 %), and so on to `95–100 %`; `> 100 %`. Sessions that have none: `total ≤ 0`, `no "
        "total` (with discounts known), `ambiguous` and `unknown` (discounts that are so).",
        "session_count": "Sessions of the population in the group whose depth is in the band.",
        "group_session_count": GROUP_SESSION_COUNT,
        "share": "session_count / group_session_count, 0 to 1.",
        "gross_total": f"Σ total, before discounts, of the sessions in the band. {AMOUNT}",
        "discount_total": "Σ discounts of the sessions in the band; null in the bands `ambiguous` "
        f"and `unknown`. {AMOUNT}",
        "depth_from": "Where the band begins: depths in it are more than that, 0.05 for 5 %; in "
        "the band `0` they are equal to it; null where there is no such limit.",
        "depth_to": "Where the band ends: depths in it are at most that, and less than that in the "
        "band `< 0`; null where there is no such limit.",
        "discount_known_count": "Sessions of the group, in any band, whose discounts are known.",
        "discount_ambiguous_count": "Sessions of the group that have an empty discount map that "
        "can mean none or not known.",
        "discount_unknown_count": "Sessions of the group whose discounts are not known.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
