"""The same work on Apache Spark, for dumps and folders that one machine is too small for.

    from sessionkit import spark as skspark

    skspark.flatten(spark, "dumps/", "out/")
    print(skspark.totals(spark, "out/", by="month"))

Nothing is defined here a second time: executors run the package's own code. The names are looked
up when they are first used; Spark itself is the extra `spark`.

Layer: above `reading` and `questions`; below `page` and `cli`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionkit.spark.asking import campaign_summary as campaign_summary
    from sessionkit.spark.asking import cohort_retention as cohort_retention
    from sessionkit.spark.asking import coupon_rejections as coupon_rejections
    from sessionkit.spark.asking import coupon_summary as coupon_summary
    from sessionkit.spark.asking import customer_summary as customer_summary
    from sessionkit.spark.asking import discount_depth as discount_depth
    from sessionkit.spark.asking import discount_stacks as discount_stacks
    from sessionkit.spark.asking import discount_summary as discount_summary
    from sessionkit.spark.asking import funnel as funnel
    from sessionkit.spark.asking import identifier_overlap as identifier_overlap
    from sessionkit.spark.asking import outcomes as outcomes
    from sessionkit.spark.asking import reconcile as reconcile
    from sessionkit.spark.asking import referral_summary as referral_summary
    from sessionkit.spark.asking import rfm as rfm
    from sessionkit.spark.asking import states as states
    from sessionkit.spark.asking import time_to_close as time_to_close
    from sessionkit.spark.asking import top_items as top_items
    from sessionkit.spark.asking import totals as totals
    from sessionkit.spark.asking import transitions as transitions
    from sessionkit.spark.job import flatten as flatten
    from sessionkit.spark.starting import spark_session as spark_session

_WHERE = {
    "flatten": "sessionkit.spark.job",
    "spark_session": "sessionkit.spark.starting",
}

_QUESTIONS = (
    "totals",
    "states",
    "outcomes",
    "funnel",
    "transitions",
    "time_to_close",
    "discount_summary",
    "discount_depth",
    "discount_stacks",
    "coupon_summary",
    "referral_summary",
    "campaign_summary",
    "coupon_rejections",
    "customer_summary",
    "cohort_retention",
    "rfm",
    "top_items",
    "identifier_overlap",
    "reconcile",
)
_WHERE |= dict.fromkeys(_QUESTIONS, "sessionkit.spark.asking")

__all__ = ["flatten", "spark_session", *_QUESTIONS]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'sessionkit.spark' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
