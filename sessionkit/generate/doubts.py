"""Sessions with something odd about them that is no error: they stay in, and give a finding.

Layer: above `facts`; of the package, imports `lifecycle`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sessionkit.generate.facts import Line, Session, Version
from sessionkit.lifecycle import CLOSED

Tweak = Callable[[Session], Session]

_TOO_FINE = Decimal("33.33333333333333333335")


def _each(session: Session, change: Callable[[Version], Version]) -> Session:
    return session._replace(versions=tuple(map(change, session.versions)))


def _first_line(session: Session, change: Callable[[Line], Line]) -> Session:
    """Change the first line of every version."""
    return _each(
        session, lambda v: v._replace(lines=(change(v.lines[0]), *v.lines[1:])) if v.lines else v
    )


def _strangers(session: Session) -> Session:
    known = session._replace(extras={"shopRegion": {"zone": [1, None]}})
    return _first_line(known, lambda line: line._replace(extras={"masterId": "M-1"}))


def _negative_discount(session: Session) -> Session:
    return _each(session, lambda v: v._replace(discounts={**v.discounts, "Fix": Decimal("-0.5")}))


def _returned_too_many(session: Session) -> Session:
    return _first_line(session, lambda line: line._replace(returned=line.quantity + 1))


def _unnamed(line: Line) -> Line:
    return line._replace(product=line.product._replace(sku=""))


TWEAKS: dict[str, Tweak] = {
    "missing-total": lambda s: _each(s, lambda v: v._replace(total=None)),
    "missing-price": lambda s: _first_line(s, lambda line: line._replace(price=None)),
    "negative-price": lambda s: _first_line(s, lambda line: line._replace(price=Decimal("-1.5"))),
    "negative-discount": _negative_discount,
    "empty-sku": lambda s: _first_line(s, _unnamed),
    "money-rounded": lambda s: _first_line(s, lambda line: line._replace(price=_TOO_FINE)),
    "unknown-member": _strangers,
    "returned-exceeds-quantity": _returned_too_many,
    "closed-without-time": lambda s: _each(s, lambda v: v._replace(closed_at=None)),
}
"""Per rule of a finding: how a session comes to break it."""


def fits(rule: str, session: Session, dialect: str) -> bool:
    """Whether a session told in a dialect can show this doubt."""
    last = session.versions[-1]
    if rule == "closed-without-time":
        return dialect == "csv_export" and last.state == CLOSED
    if rule == "negative-discount":
        return session.application.api == "v1"
    return bool(last.lines)
