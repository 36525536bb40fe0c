"""Identifier overlap: customers that share identifiers, coupons or referrals."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex
from typing import Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import AMOUNT, GROSS, KNOWLEDGE
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result

KINDS = ("identifier", "coupon", "referral")
"""What customers can share."""


@shows_common
def identifier_overlap(
    source: Source,
    *,
    of: str | Iterable[str] = "identifier",
    max_sharing: int = 20,
    show: bool = False,
    salt: str | None = None,
    **common: Unpack[Common],
) -> Result:
    """Find the customers that share identifiers, also by way of others.

    Two customers are linked when both have a session with the same value, and all that are linked
    one by one are a component. A value of very many customers, such as the address of an office,
    says little: it is listed and links nobody. Anonymous sessions link nobody, nor does an empty
    value.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        of: What is shared: `identifier`, `coupon`, `referral`, or several of them.
        max_sharing: Values of more customers than this are listed, not linked; from 2.
        show: Show customers and values as they are. Otherwise each is a hash (SHA-256, its first
            16 digits) with a secret before it, so that nobody finds an address by trying all.
        salt: The secret, so that hashes are the same in every answer; without it there is a new
            one each time, and hashes say only what is equal within the answer.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. Customers
            are linked by the sessions of the population within each group; completed ones unless
            told otherwise.

    Returns:
        One row per group and component of at least two customers, the largest first, then one per
        listed value. No row where nobody shares anything.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> identifier_overlap({}, of=["identifier", "coupon"]).table.column_names[:3]
        ['component', 'is_linked', 'profile_count']
    """
    kinds = _kinds(of)
    if isinstance(max_sharing, bool) or not isinstance(max_sharing, int) or max_sharing < 2:
        got = shown(max_sharing)
        raise UsageError(f"max_sharing: expected a whole number from 2, got {got}.")
    if salt is not None and (not isinstance(salt, str) or not salt):
        raise UsageError("salt: expected a text that is not empty.")
    hidden = not show

    def keep(bench: Workbench) -> None:
        bench.keep("kinds", kinds)
        bench.keep("max_sharing", max_sharing)
        bench.keep("is_hidden", hidden)
        if hidden:
            bench.keep_secret("salt", salt or token_hex(16), "another than the one that was used")
        bench.prepared("entered")
        bench.prepared("sharing", once=True)
        bench.prepared("links", once=True)
        bench.prepared("components", once=True)

    def notes(table: pa.Table) -> tuple[str, ...]:
        return (*_listed(table, max_sharing), *(_hashed(table, salt) if hidden else ()))

    return answer(IDENTIFIER_OVERLAP, source, common, Own(keep=keep, notes=notes))


def _kinds(of: object) -> list[str]:
    names = [of] if isinstance(of, str) or not isinstance(of, Iterable) else list(of)
    for name in names:
        if name not in KINDS:
            raise UsageError(unknown_name("kind of identifier", name, KINDS))
    if not names:
        raise UsageError(f"of: expected one or several of {', '.join(KINDS)}.")
    return [kind for kind in KINDS if kind in names]


def _listed(table: pa.Table, max_sharing: int) -> tuple[str, ...]:
    count = sum(not linked for linked in table["is_linked"].to_pylist())
    if not count:
        return ()
    rows = "1 row is a value" if count == 1 else f"{count:,} rows are values"
    return (
        f"{rows} of more than {max_sharing:,} customers, listed but not linked; max_sharing sets "
        "from how many on.",
    )


def _hashed(table: pa.Table, salt: str | None) -> tuple[str, ...]:
    if not len(table):
        return ()
    each = " Their secret is a new one each time, unless salt is given." if salt is None else ""
    return (f"Customers and identifiers are shown as hashes; show tells them as they are.{each}",)


IDENTIFIER_OVERLAP = Question(
    name="identifier_overlap",
    function=identifier_overlap,
    summary="Which customers share identifiers, coupons or referrals.",
    grain="component of linked customers, or value of too many, and group",
    discounts=True,
    customers=True,
    reads=("identifiers", "coupons"),
    columns={
        "component": "The number of the component in its group, from 1, the largest first; null "
        "for a listed value.",
        "is_linked": "Whether the row is a component; else it is a value of more than max_sharing "
        "customers, which links nobody.",
        "profile_count": "Customers of the component, or with the value. A customer can stand in "
        "a component and with listed values.",
        "identifier_count": "Values that at least two of them share.",
        "session_count": "Sessions of the population of these customers, with or without a shared "
        "value.",
        "sharing_session_count": "Those of them that hold a shared value.",
        "gross_total": GROSS,
        "discount_total": "Σ discounts over the sessions whose discounts are known; null where "
        f"none are, and a lower bound where some are ambiguous. {AMOUNT}",
        **KNOWLEDGE,
        "profiles": "The customers, by integration id, or # and Talon.One's number where only "
        "that is known; hashed unless show.",
        "identifiers": "The shared values, with their kind where several were asked for; hashed "
        "unless show.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
