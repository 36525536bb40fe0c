"""The questions: each a function, a `.sql` that reads on its own, and the meaning of its columns.

Layer: above `dimensions`; `page` and `cli` stand on it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sessionkit.questions.discount_summary import DISCOUNT_SUMMARY, discount_summary
from sessionkit.questions.funnel import FUNNEL, funnel
from sessionkit.questions.outcomes import OUTCOMES, outcomes
from sessionkit.questions.question import Question
from sessionkit.questions.states import STATES, states
from sessionkit.questions.totals import TOTALS, totals

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {one.name: one for one in (TOTALS, STATES, OUTCOMES, FUNNEL, DISCOUNT_SUMMARY)}
)
"""Every question by its name, in the order in which they are told of."""

__all__ = [
    "QUESTIONS",
    "Question",
    "discount_summary",
    "funnel",
    "outcomes",
    "states",
    "totals",
]
