"""The questions: each a function, a `.sql` that reads on its own, and the meaning of its columns.

Layer: above `dimensions`; `page` and `cli` stand on it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sessionkit.questions.campaign_summary import CAMPAIGN_SUMMARY, campaign_summary
from sessionkit.questions.cohort_retention import COHORT_RETENTION, cohort_retention
from sessionkit.questions.coupon_rejections import COUPON_REJECTIONS, coupon_rejections
from sessionkit.questions.coupon_summary import COUPON_SUMMARY, coupon_summary
from sessionkit.questions.customer_summary import CUSTOMER_SUMMARY, customer_summary
from sessionkit.questions.discount_depth import DISCOUNT_DEPTH, discount_depth
from sessionkit.questions.discount_stacks import DISCOUNT_STACKS, discount_stacks
from sessionkit.questions.discount_summary import DISCOUNT_SUMMARY, discount_summary
from sessionkit.questions.funnel import FUNNEL, funnel
from sessionkit.questions.identifier_overlap import IDENTIFIER_OVERLAP, identifier_overlap
from sessionkit.questions.outcomes import OUTCOMES, outcomes
from sessionkit.questions.question import Question
from sessionkit.questions.reconcile import reconcile
from sessionkit.questions.referral_summary import REFERRAL_SUMMARY, referral_summary
from sessionkit.questions.rfm import RFM, rfm
from sessionkit.questions.states import STATES, states
from sessionkit.questions.time_to_close import TIME_TO_CLOSE, time_to_close
from sessionkit.questions.top_items import TOP_ITEMS, top_items
from sessionkit.questions.totals import TOTALS, totals
from sessionkit.questions.transitions import TRANSITIONS, transitions

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        one.name: one
        for one in (
            TOTALS,
            STATES,
            OUTCOMES,
            FUNNEL,
            TRANSITIONS,
            TIME_TO_CLOSE,
            DISCOUNT_SUMMARY,
            DISCOUNT_DEPTH,
            DISCOUNT_STACKS,
            COUPON_SUMMARY,
            REFERRAL_SUMMARY,
            CAMPAIGN_SUMMARY,
            COUPON_REJECTIONS,
            CUSTOMER_SUMMARY,
            COHORT_RETENTION,
            RFM,
            TOP_ITEMS,
            IDENTIFIER_OVERLAP,
        )
    }
)
"""Every question by its name, in the order in which they are told of."""

__all__ = [
    "QUESTIONS",
    "Question",
    "campaign_summary",
    "cohort_retention",
    "coupon_rejections",
    "coupon_summary",
    "customer_summary",
    "discount_depth",
    "discount_stacks",
    "discount_summary",
    "funnel",
    "identifier_overlap",
    "outcomes",
    "reconcile",
    "referral_summary",
    "rfm",
    "states",
    "time_to_close",
    "top_items",
    "totals",
    "transitions",
]
