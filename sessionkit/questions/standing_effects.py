"""What effects bring to the questions: which of them count, and the discounts that only they tell.

Effects are sent again at every update of a session, so of each session only the last evaluation
counts (`evaluated`), less what was rolled back later (`counted_effects`). They are worked out where
there are effects and a question rests on them, and nowhere else.

Layer: inside `questions`, above `workbench` and `asked`.
"""

from __future__ import annotations

from typing import NamedTuple

from sessionkit.dimensions import LABELS
from sessionkit.lifecycle import STATES
from sessionkit.questions.asked import Asked
from sessionkit.questions.workbench import Workbench

EVENT_TYPES = (
    "talon_session_created",
    "talon_session_updated",
    "talon_session_closed",
    "talon_session_partially_returned",
    "talon_session_reopened",
    "talon_session_cancelled",
    "talon_session_revoked",
)
"""The events of a session, in the order of its life."""

_DIMENSIONS = frozenset({"discounted", *LABELS})
"""The dimensions whose values rest on discounts."""


class Brought(NamedTuple):
    """What effects bring to `named`.

    Attributes:
        column: What they tell of a session.
        joins: What brings it in.
    """

    column: str
    joins: tuple[str, ...]


_KEY = "select application_id, integration_id"
_READ = {
    "coupon_fates": f"{_KEY}, code, true as accepted, true as rejected from coupons where false",
    "referral_fates": f"{_KEY}, coupon_codes as accepted_codes, coupon_codes as rejected_codes "
    "from sessions where false",
    "campaign_sessions": f"{_KEY}, application_id as campaign_id, total as discount_total, "
    "total as items_discount_total, total as unmet, line_count as coupon_count "
    "from sessions where false",
    "effect_sums": f"{_KEY}, total as amount from sessions where false",
    "rejected_coupons": f"{_KEY}, integration_id as code, integration_id as reason "
    "from sessions where false",
}
"""The views that questions read, and what they are where there are no effects."""

NOTHING = Brought("cast(null as decimal(38, 18)) as effect_discount", ())
"""Where no effect tells anything."""

_TOLD = Brought(
    "effect_discount", ("left join effect_discounts using (application_id, integration_id)",)
)


def is_about_discounts(asked: Asked) -> bool:
    """Whether what was asked, of whatever question, rests on what is known of discounts."""
    return bool(asked.net_totals) or not _DIMENSIONS.isdisjoint((*asked.by, *asked.where))


def work_out(bench: Workbench, asked: Asked) -> bool:
    """Make `evaluated` and `counted_effects`, and the discounts that only effects tell.

    Returns:
        Whether there are effects; without any nothing is made.
    """
    if not bench.rows("select 1 from effects limit 1"):
        return False
    complete = asked.effects_complete
    bench.keep("life_cycle", list(STATES))
    bench.keep("event_types", list(EVENT_TYPES))
    bench.keep("is_complete", complete is not None)
    bench.keep("complete_since", complete and complete.since)
    bench.keep("complete_until", complete and complete.until)
    for name in ("effect_turns", "evaluated", "counted_effects"):
        bench.prepared(name, once=True)
    return True


def brought(bench: Workbench, *, there: bool) -> Brought:
    """Make what questions read of effects, and say what `named` takes.

    That is `told_discounts`, the discounts by their names; `coupon_fates`, `referral_fates` and
    `rejected_coupons`, what became of codes; `campaign_sessions` and `effect_sums`.

    Args:
        bench: Where.
        there: Whether effects were worked out.
    """
    if not there:
        bench.view("evaluated", f"{_KEY}, line_count as turn from sessions where false")
    for name, nothing in _READ.items():
        bench.view(name, bench.text_of(f"prepared/{name}") if there else nothing)
    if there and bench.rows("select 1 from evaluated where tells_discounts limit 1"):
        bench.prepared("effect_discounts", once=True)
        bench.prepared("told_discounts")
        return _TOLD
    bench.view("told_discounts", "select * from discounts")
    return NOTHING


def without_effects(bench: Workbench, what: str) -> tuple[str, ...]:
    """The note of a question that nothing can answer for want of effects; else nothing.

    Args:
        bench: Where the question is ready.
        what: What they would tell.
    """
    if not bench.rows("select 1 from sessions limit 1"):
        return ()
    if bench.rows("select 1 from effects limit 1"):
        return ()
    return (
        f"The source holds sessions and no effects, and only effects tell {what}: read exports of "
        "effects, or V2 responses, too.",
    )
