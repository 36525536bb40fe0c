"""What the data can bear witness to: how sessions stand now, not how they stood before.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from sessionkit.errors import UsageError
from sessionkit.questions.workbench import Workbench


def check_as_of(bench: Workbench) -> None:
    """Refuse a moment at which the sessions may have been in other states than they are.

    Raises:
        UsageError: `as_of` is earlier than the latest instant in the data.
    """
    text = (
        "select cast(getvariable('as_of') as varchar) as as_of, cast(latest as varchar) as latest "
        "from latest where cast(getvariable('as_of') as timestamptz) < latest"
    )
    for row in bench.rows(text):
        raise UsageError(
            f"as_of ({row['as_of']}) is earlier than the data, which go up to {row['latest']}: "
            "they tell how sessions stand now, not how they stood then. Leave as_of out, or read "
            "an older export."
        )
