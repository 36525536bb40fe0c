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
    from sessionkit.errors import SessionkitError as SessionkitError
    from sessionkit.page import report as report
    from sessionkit.questions.discount_summary import discount_summary as discount_summary
    from sessionkit.questions.funnel import funnel as funnel
    from sessionkit.questions.outcomes import outcomes as outcomes
    from sessionkit.questions.states import states as states
    from sessionkit.questions.totals import totals as totals
    from sessionkit.reading import read as read
    from sessionkit.reading import scan as scan
    from sessionkit.reading import to_folder as to_folder
    from sessionkit.result import Result as Result
    from sessionkit.session_tables import SessionTables as SessionTables

_WHERE = {
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
    "discount_summary": "sessionkit.questions",
    "report": "sessionkit.page",
}

__all__ = [
    "Result",
    "SessionTables",
    "SessionkitError",
    "discount_summary",
    "funnel",
    "outcomes",
    "read",
    "report",
    "scan",
    "schemas",
    "states",
    "to_folder",
    "totals",
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
