"""What the records of one generated session tell together, case by case."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sessionkit.generate import telling as t
from sessionkit.generate.facts import Line, Product, Session, Version
from sessionkit.generate.files import File
from sessionkit.generate.overlaps import Sighting
from sessionkit.generate.telling import Telling
from sessionkit.generate.witness import Told, told
from sessionkit.generate.world import APPLICATIONS

EURO, DOLLAR, _ = APPLICATIONS
TEA = Product("tea", "Tea", "drinks", None, Decimal(3), {}, {}, {}, {}, None)
FIVE_OFF = {"Deal #2": Decimal(5)}


def version(day: int, state: str, discounts: dict[str, Decimal]) -> Version:
    return Version(
        state=state,
        updated=datetime(2026, 1, day, tzinfo=UTC),
        update_count=day,
        closed_at=None,
        cancelled_at=None,
        lines=(Line(TEA, Decimal(3), 2),),
        costs={"shipping": Decimal(4)},
        discounts=discounts,
        coupons=("A", "B", "A"),
        total=Decimal(10),
    )


def tell(
    *records: tuple[Telling, int],
    discounts: dict[str, Decimal] | None = None,
    api: str = "v1",
) -> Told:
    """A session that was open on day 1 and closed on day 2, told by these records."""
    session = Session(
        application=EURO if api == "v1" else DOLLAR,
        integration_id="S-1",
        internal_id=1,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        profile_id="",
        profile_number=0,
        store=None,
        first=True,
        referral="",
        loyalty_cards=(),
        identifiers=("x", "x"),
        attributes={},
        experiments=(),
        extras=None,
        versions=(version(1, "open", {}), version(2, "closed", discounts or {})),
    )
    return told(session, [Sighting(File(telling, "f"), place) for telling, place in records])


@pytest.mark.parametrize(
    ("records", "known", "total"),
    [
        ([(t.V1_SESSION, 1)], True, 0),
        ([(t.CSV_EXPORT, 1)], None, None),
        ([(t.SESSION_LIST, 1)], None, None),
        ([(t.SINGER, 1)], None, None),
        ([(t.SINGLE_SESSION, 1)], True, 0),
        ([(t.CSV_EXPORT, 1), (t.V1_SESSION, 1)], True, 0),
        ([(t.CSV_EXPORT, 1), (t.V1_RESPONSE, 0)], True, 0),
        ([(t.SESSION_LIST, 1), (t.SINGLE_SESSION, 1)], True, 0),
    ],
)
def test_an_empty_map_is_known_where_a_record_decides(
    records: list[tuple[Telling, int]], known: bool | None, total: int | None
) -> None:
    found = tell(*records)
    assert (found.discounts_known, found.discount_total) == (known, total)


@pytest.mark.parametrize(
    ("records", "known", "total"),
    [
        ([(t.V2_SESSION, 1)], False, None),
        ([(t.CSV_EXPORT, 1)], None, None),
        ([(t.CSV_EXPORT, 1), (t.V2_SESSION, 0)], False, None),
        ([(t.SINGLE_SESSION, 1)], True, 5),
        ([(t.SESSION_LIST, 1), (t.SINGLE_SESSION, 1)], True, 5),
        ([(t.V2_SESSION, 1), (t.V2_RESPONSE, 0)], False, None),
    ],
)
def test_sessions_of_v2_have_no_map_but_maybe_a_sum(
    records: list[tuple[Telling, int]], known: bool | None, total: int | None
) -> None:
    found = tell(*records, discounts=FIVE_OFF, api="v2")
    assert (found.discounts_known, found.discount_total) == (known, total)
    assert found.labels == {}


@pytest.mark.parametrize(
    "records",
    [
        [(t.V2_RESPONSE, 1)],
        [(t.V2_RESPONSE, 1), (t.SINGLE_SESSION, 1)],
        [(t.V2_SESSION, 1), (t.V2_RESPONSE, 1)],
    ],
)
def test_effects_of_a_response_tell_what_nothing_else_tells(
    records: list[tuple[Telling, int]],
) -> None:
    found = tell(*records, discounts=FIVE_OFF, api="v2")
    assert (found.discounts_known, found.discount_total) == (True, Decimal(5))
    assert (found.labels, found.granted) == ({}, FIVE_OFF)
    of_a_coupon = tell(*records, api="v2")
    assert (of_a_coupon.discounts_known, of_a_coupon.discount_total) == (True, 0)


def test_a_map_with_labels_is_known_in_every_dialect() -> None:
    for telling in (t.V1_SESSION, t.CSV_EXPORT, t.SESSION_LIST, t.SINGER, t.SINGLE_SESSION):
        found = tell((telling, 1), discounts=FIVE_OFF)
        assert (found.discounts_known, found.discount_total) == (True, Decimal(5))
        assert found.labels == found.granted == FIVE_OFF


def test_the_last_dated_record_is_the_session() -> None:
    found = tell((t.V1_SESSION, 0), (t.CSV_EXPORT, 1), (t.V1_SESSION, 1), (t.SESSION_LIST, 1))
    assert found.version.state == "closed"
    assert found.current == (False, True, True, False)
    assert tell((t.V1_SESSION, 0), (t.SINGLE_SESSION, 1)).version.state == "open"


def test_what_one_record_cannot_tell_another_of_the_version_may() -> None:
    alone = tell((t.V1_SESSION, 1))
    assert (alone.costs, alone.codes, alone.identifiers) == ({}, ("A",), ("x",))
    both = tell((t.V1_SESSION, 1), (t.CSV_EXPORT, 1))
    assert (both.costs, both.codes) == ({"shipping": Decimal(4)}, ("A", "B"))
    older = tell((t.V1_SESSION, 1), (t.CSV_EXPORT, 0))
    assert older.costs == {}
    assert tell((t.SESSION_LIST, 1)).identifiers == ()
