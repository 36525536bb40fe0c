"""What the chart of each question shows, declared once.

Layer: imports nothing from the package; `pictures` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Drawn:
    """What is drawn of a question.

    Attributes:
        figures: The figures; several are drawn in the colours of their names.
        along: The column whose values stand along the other axis; else the first group.
        across: For a field: the column whose values stand along the second axis.
        stacked: Whether several figures are parts of one whole.
        upright: Whether bars stand, in an order of their own, such as bands.
        counted: Whether the rows themselves are counted, rather than a figure drawn.
        lines: Whether figures are points of one line per group, such as shares within a time.
        alone: The figures that are drawn where there is nothing along which to draw them.
        title: What several figures tell together.
        own: The first column that is no group, where neither a figure nor `along` tells it.
    """

    figures: tuple[str, ...]
    along: str | None = None
    across: str | None = None
    stacked: bool = False
    upright: bool = False
    counted: bool = False
    lines: bool = False
    alone: tuple[str, ...] = ()
    title: str = ""
    own: str = ""


_ENDINGS = (
    "kept_whole", "partially_returned", "revoked", "cancelled_open", "cancelled_unknown", "idle",
    "in_progress",
)  # fmt: skip
_WITHIN = tuple(
    f"closed_within_{time}_share" for time in ("1_hour", "1_day", "3_days", "7_days", "30_days")
)
_MONEY = ("gross_total", "net_total", "discount_total", "additional_cost_total", "returned_total")

DRAWN: Mapping[str, Drawn] = MappingProxyType(
    {
        "totals": Drawn(("gross_total",), alone=_MONEY, title="amounts"),
        "states": Drawn(("session_count",), "state"),
        "outcomes": Drawn(("session_count",), "outcome"),
        "funnel": Drawn(("reached", "unknown"), "name", stacked=True, title="sessions"),
        "transitions": Drawn(("session_count",), "from_state", across="to_state"),
        "time_to_close": Drawn(_WITHIN, lines=True, title="share closed within"),
        "discount_summary": Drawn(("discount_total",)),
        "discount_depth": Drawn(("session_count",), "band", upright=True),
        "discount_stacks": Drawn(("session_count",), "labels"),
        "coupon_summary": Drawn(_ENDINGS, "coupon_code", stacked=True, title="sessions"),
        "referral_summary": Drawn(_ENDINGS, "referral_code", stacked=True, title="sessions"),
        "customer_summary": Drawn(("session_count",), "customer_type"),
        "cohort_retention": Drawn(("retention",), "cohort", across="age"),
        "rfm": Drawn(
            ("customers",),
            "recency_score",
            across="frequency_score",
            counted=True,
            own="profile_id",
        ),
        "top_items": Drawn(("items_total",), "item"),
        "identifier_overlap": Drawn(("profile_count",), "component"),
        "campaign_summary": Drawn(("discount_total",)),
        "coupon_rejections": Drawn(("session_count",)),
        "reconcile": Drawn(("off",), "row"),
    }
)
"""What is drawn of each question."""
