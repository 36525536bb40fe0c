"""The life of one session: its versions, when it closed, what rules did to it.

Layer: inside `store`; imports `database` and `result` from below.
"""

from __future__ import annotations

from sessionkit.database import Source, open_source, run
from sessionkit.errors import UsageError, shown
from sessionkit.result import Result
from sessionkit.sql import text_of

DEFINITION = {
    "at": "When it was, UTC; null for a version that tells no update.",
    "what": "`created`, `closed`, `cancelled`; `version`: what a record said of the session; "
    "`effects`: what rules did at one evaluation; `rejected`: a record that was not taken in.",
    "state": "The state in that version.",
    "total": "The total in that version, in the currency of the application.",
    "discount_total": "The discounts in that version; null where they are not known.",
    "update_count": "How many times the session had been updated.",
    "detail": "Which effects, or why a record was rejected.",
    "source_file": "The file that told it; null for times, which every later version tells.",
    "source_record": "The place of the record in that file, from 1.",
}


def session_history(source: Source, application_id: int, integration_id: str) -> Result:
    """Tell the life of one session, as far as any dump told it.

    A record that says the same as another is not told twice. A session that is missing from a
    later export is not thereby gone.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        application_id: The application of the session.
        integration_id: Its id in the shop's own system.

    Returns:
        One row per event, in the order of time; of the same instant its creation first, then
        closing and cancelling, versions, effects.

    Raises:
        UsageError: No dump told anything of such a session.

    Example:
        >>> session_history({}, 270, "S-1")
        Traceback (most recent call last):
        ...
        sessionkit.errors.UsageError: there is no session 'S-1' in application 270.
    """
    if isinstance(application_id, bool) or not isinstance(application_id, int):
        raise UsageError(f"application_id: expected a whole number, got {shown(application_id)}.")
    if not isinstance(integration_id, str):
        raise UsageError(f"integration_id: expected a text, got {shown(integration_id)}.")
    sql = text_of("store/session_history")
    with open_source(source, {"sessions", "snapshots", "effects", "rejects"}) as connection:
        for name, value in (("application_id", application_id), ("integration_id", integration_id)):
            connection.execute(f"set variable {name} = $value", {"value": value})
        rows = run(connection, sql)
    if not rows.num_rows:
        raise UsageError(
            f"there is no session {shown(integration_id)} in application {application_id}."
        )
    return Result(rows, "session_history", sql, DEFINITION)
