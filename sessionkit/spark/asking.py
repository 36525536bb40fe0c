"""Every question, asked of a folder of tables through Spark.

Each is the function of the same name in `sessionkit.questions`, which makes the question ready and
tells of the answer; only the bench on which it is prepared is another.

Layer: inside `spark`, above `source`; imports `questions` from below.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from sessionkit import questions
from sessionkit.result import Result
from sessionkit.spark.source import SparkFolder
from sessionkit.spark.starting import quietly

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Given = ParamSpec("Given")


def through_spark(
    question: Callable[Concatenate[Any, Given], Result],
) -> Callable[Concatenate[SparkSession, str | Path, Given], Result]:
    """The same question, asked through a Spark session of a folder.

    The folder is one that `flatten` wrote as Parquet, on a path or at a URL that the driver and all
    executors see. The same rows come as from the embedded engine; only doubles that are a mean of
    doubles or lie between two values may differ in their last digit.

    Example:
        >>> list(signature(through_spark(questions.totals)).parameters)[:3]
        ['spark', 'folder', 'by']
    """

    @wraps(question)
    def asked(
        spark: SparkSession, folder: str | Path, /, *given: Given.args, **named: Given.kwargs
    ) -> Result:
        with quietly():
            return question(SparkFolder(spark, folder), *given, **named)

    own = signature(question)
    first = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("spark", "folder")]
    rest = list(own.parameters.values())[1:]
    asked.__signature__ = own.replace(parameters=[*first, *rest])  # type: ignore[attr-defined]
    asked.__module__ = __name__
    asked.__doc__ = _doc(question.__doc__)
    return cast("Callable[Concatenate[SparkSession, str | Path, Given], Result]", asked)


def _doc(doc: str | None) -> str:
    """The docstring without the example, which asks the embedded engine.

    Python 3.13 takes the indentation out of docstrings, earlier ones leave it in.
    """
    told = cleandoc(doc or "").partition("\nExample:")[0].rstrip()
    return told.replace("    source: Tables, a store, or a folder that `flatten` wrote.", _TOLD)


_TOLD = """\
    spark: The session; the question has one of its own beside it.
    folder: A folder that `flatten` wrote, where driver and executors see it."""

totals = through_spark(questions.totals)
states = through_spark(questions.states)
outcomes = through_spark(questions.outcomes)
funnel = through_spark(questions.funnel)
transitions = through_spark(questions.transitions)
time_to_close = through_spark(questions.time_to_close)
discount_summary = through_spark(questions.discount_summary)
discount_depth = through_spark(questions.discount_depth)
discount_stacks = through_spark(questions.discount_stacks)
coupon_summary = through_spark(questions.coupon_summary)
referral_summary = through_spark(questions.referral_summary)
campaign_summary = through_spark(questions.campaign_summary)
coupon_rejections = through_spark(questions.coupon_rejections)
customer_summary = through_spark(questions.customer_summary)
cohort_retention = through_spark(questions.cohort_retention)
rfm = through_spark(questions.rfm)
top_items = through_spark(questions.top_items)
identifier_overlap = through_spark(questions.identifier_overlap)
reconcile = through_spark(questions.reconcile)
