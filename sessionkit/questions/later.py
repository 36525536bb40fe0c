"""Sessions later than `as_of`: left out where a question tells how things stood then.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from sessionkit.questions.workbench import Workbench

_COUNT = (
    "select count(*) as later from matching where in_population and in_window "
    "and instant > getvariable('as_of')"
)


class Later:
    """Counts the sessions that an earlier `as_of` leaves out, and tells of them."""

    _left_out = 0

    def count(self, bench: Workbench) -> None:
        """Count them; none where `as_of` is not given, as it is the latest instant then."""
        if bench.rows("select 1 where getvariable('given_as_of') is not null"):
            self._left_out = bench.rows(_COUNT)[0]["later"]

    def notes(self) -> tuple[str, ...]:
        """What there is to say of them."""
        if not self._left_out:
            return ()
        one = self._left_out == 1
        sessions = "1 session is" if one else f"{self._left_out:,} sessions are"
        return (
            f"{sessions} later than as_of and left out. The others count by the state that they "
            "are in now: the data do not tell how they stood then.",
        )
