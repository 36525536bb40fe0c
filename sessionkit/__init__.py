"""sessionkit: Talon.One customer sessions, read whole, checked, and counted right.

    import sessionkit as sk

    tables = sk.read("exports/")
    sk.totals(tables, by="month")
    sk.report(tables, "report.html")

The names are looked up when they are first used, so that importing the package, or asking the
shell for help, costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessionkit import schemas as schemas
    from sessionkit.config import configure as configure
    from sessionkit.errors import SessionkitError as SessionkitError
    from sessionkit.page import report as report
    from sessionkit.questions.campaign_summary import campaign_summary as campaign_summary
    from sessionkit.questions.cohort_retention import cohort_retention as cohort_retention
    from sessionkit.questions.coupon_rejections import coupon_rejections as coupon_rejections
    from sessionkit.questions.coupon_summary import coupon_summary as coupon_summary
    from sessionkit.questions.customer_summary import customer_summary as customer_summary
    from sessionkit.questions.discount_depth import discount_depth as discount_depth
    from sessionkit.questions.discount_stacks import discount_stacks as discount_stacks
    from sessionkit.questions.discount_summary import discount_summary as discount_summary
    from sessionkit.questions.funnel import funnel as funnel
    from sessionkit.questions.identifier_overlap import identifier_overlap as identifier_overlap
    from sessionkit.questions.outcomes import outcomes as outcomes
    from sessionkit.questions.reconcile import reconcile as reconcile
    from sessionkit.questions.referral_summary import referral_summary as referral_summary
    from sessionkit.questions.rfm import rfm as rfm
    from sessionkit.questions.states import states as states
    from sessionkit.questions.time_to_close import time_to_close as time_to_close
    from sessionkit.questions.top_items import top_items as top_items
    from sessionkit.questions.totals import totals as totals
    from sessionkit.questions.transitions import transitions as transitions
    from sessionkit.reading import read as read
    from sessionkit.reading import scan as scan
    from sessionkit.reading import to_folder as to_folder
    from sessionkit.result import Result as Result
    from sessionkit.session_tables import SessionTables as SessionTables
    from sessionkit.store import Store as Store
    from sessionkit.store.history import session_history as session_history

_WHERE = {
    "configure": "sessionkit.config",
    "SessionkitError": "sessionkit.errors",
    "Result": "sessionkit.result",
    "SessionTables": "sessionkit.session_tables",
    "read": "sessionkit.reading",
    "scan": "sessionkit.reading",
    "to_folder": "sessionkit.reading",
    "totals": "sessionkit.questions",
    "states": "sessionkit.questions",
    "outcomes": "sessionkit.questions",
    "funnel": "sessionkit.questions",
    "transitions": "sessionkit.questions",
    "time_to_close": "sessionkit.questions",
    "discount_summary": "sessionkit.questions",
    "discount_depth": "sessionkit.questions",
    "discount_stacks": "sessionkit.questions",
    "coupon_summary": "sessionkit.questions",
    "referral_summary": "sessionkit.questions",
    "campaign_summary": "sessionkit.questions",
    "coupon_rejections": "sessionkit.questions",
    "customer_summary": "sessionkit.questions",
    "cohort_retention": "sessionkit.questions",
    "rfm": "sessionkit.questions",
    "top_items": "sessionkit.questions",
    "identifier_overlap": "sessionkit.questions",
    "reconcile": "sessionkit.questions",
    "report": "sessionkit.page",
    "Store": "sessionkit.store",
    "session_history": "sessionkit.store.history",
}

__all__ = [
    "Result",
    "SessionTables",
    "SessionkitError",
    "Store",
    "campaign_summary",
    "cohort_retention",
    "configure",
    "coupon_rejections",
    "coupon_summary",
    "customer_summary",
    "discount_depth",
    "discount_stacks",
    "discount_summary",
    "funnel",
    "identifier_overlap",
    "outcomes",
    "read",
    "reconcile",
    "referral_summary",
    "report",
    "rfm",
    "scan",
    "schemas",
    "session_history",
    "states",
    "time_to_close",
    "to_folder",
    "top_items",
    "totals",
    "transitions",
]


def __getattr__(name: str) -> Any:
    if name == "schemas":
        return import_module("sessionkit.schemas")
    if name == "__version__":
        return import_module("sessionkit.version").version()
    if name not in _WHERE:
        raise AttributeError(f"module 'sessionkit' has no attribute {name!r}")
    found = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
