"""Codes entered in sessions, coupons and referrals: what their two questions have in common.

Layer: inside `questions`, above `question`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.questions.moments import length_of
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.witnesses import check_as_of
from sessionkit.questions.words import AMOUNT, GROSS, KNOWLEDGE
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


class Codes(NamedTuple):
    """The codes that a question is about.

    Attributes:
        what: What they are called in a sentence.
        entered: The text in `sql/prepared` that says which sessions they were entered in.
        without: A select that counts the sessions without one.
        notes: What else there is to say.
        keep: What else is made ready.
        told: All that there is to say, of the number of sessions without one; None: that a code
            was entered, and that number.
    """

    what: str
    entered: str
    without: str
    notes: tuple[str, ...] = ()
    keep: Callable[[Workbench], None] = lambda bench: None
    told: Callable[[Workbench, int], tuple[str, ...]] | None = None


def answer_codes(
    question: Question,
    source: Source,
    common: Mapping[str, Any],
    codes: Codes,
    timeout: str | timedelta | None,
) -> Result:
    """Answer a question about codes.

    Args:
        question: Which.
        source: What it is asked of.
        common: The common arguments as given.
        codes: The codes that it is about.
        timeout: How long open sessions are left alone before they are idle.

    Returns:
        The answer.
    """
    length = None if timeout is None else length_of("timeout", timeout)
    now = length is not None or common.get("as_of") is not None
    told: list[str] = []

    def keep(bench: Workbench) -> None:
        if now:
            check_as_of(bench)
        bench.keep("has_timeout", length is not None)
        bench.keep("timeout_us", None if length is None else length // timedelta(microseconds=1))
        if length:
            bench.prepared("before_timeout", once=True)
        bench.keep_from("idle_before", _BEFORE if length else "null")
        codes.keep(bench)
        bench.prepared("ends")
        bench.view("entered_codes", bench.text_of(f"prepared/{codes.entered}"))
        bench.prepared("code_figures")
        without = sum(row["session_count"] for row in bench.rows(codes.without))
        told.extend(codes.told(bench, without) if codes.told else _notes(codes.what, without))

    def notes(table: pa.Table) -> tuple[str, ...]:
        return (*codes.notes, *told)

    return answer(question, source, common, Own(keep=keep, notes=notes, now=now))


_BEFORE = "(select moment from before_timeout)"


def _notes(what: str, without: int) -> tuple[str, ...]:
    entered = f"A {what} in a session was entered; that alone does not prove that it was accepted."
    if not without:
        return (entered,)
    sessions = "1 session has" if without == 1 else f"{without:,} sessions have"
    return (entered, f"{sessions} no {what} and no part in any row.")


FIGURES: Mapping[str, str] = {
    "customer_count": "Identified customers among these sessions, each once; not additive over "
    "rows.",
    "kept_whole": "Sessions that are closed.",
    "partially_returned": "Sessions that were closed, and returned in part.",
    "revoked": "Sessions that were cancelled after closing.",
    "cancelled_open": "Sessions that were cancelled and never closed.",
    "cancelled_unknown": "Sessions that were cancelled, and nothing tells whether they were "
    "closed.",
    "idle": "Open sessions untouched since the timeout, by updated_at, else created_at; null "
    "without a timeout.",
    "in_progress": "Open sessions, but for those that are idle.",
    "gross_total": f"{GROSS} However they ended: with population `completed` what was bought.",
    "total_known_count": "Sessions whose total is known.",
    "discount_total": "Σ all discounts of these sessions, whatever granted them; null where none "
    f"are known, and a lower bound where some are ambiguous. {AMOUNT}",
    **KNOWLEDGE,
    "accepted_count": "Sessions in which the code was accepted, by the effects of their last "
    "evaluation, and not rolled back since; null without effects of any of the sessions.",
    "rejected_count": "Sessions in which the code was rejected, by the effects of their last "
    "evaluation; null without effects of any of the sessions.",
}
"""What the figures mean that both questions have."""
