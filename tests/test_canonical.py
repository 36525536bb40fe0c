"""Sessions in canonical spelling: codes that two members tell, and what only means none."""

from __future__ import annotations

from typing import Any

import pytest

from sessionkit.containers import RawRecord
from sessionkit.decode import RawJson
from sessionkit.dialects import understand
from sessionkit.dialects.members import Session
from sessionkit.errors import Reason
from tests.reading import dump, item

HEAD = {"integrationId": "a", "applicationId": 1}


def taken(dialect: str = "v1_session", **members: Any) -> Session:
    """The session that a record with these members beside its ids holds."""
    understood = understand(RawRecord(1, 0, dump(HEAD | members), "json"), dialect)
    assert isinstance(understood, Session)
    return understood


def why(session: Session) -> list[tuple[str, str, str, str]]:
    """The reasons to reject it."""
    return [(reason.code, reason.path, reason.expected, reason.found) for reason in session.reasons]


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({}, None),
        ({"coupon": None}, None),
        ({"coupon": ""}, []),
        ({"coupon": "X"}, ["X"]),
        ({"coupon": "X", "couponCodes": None}, ["X"]),
        ({"coupon": "X", "couponCodes": []}, ["X"]),
        ({"coupon": "X", "couponCodes": ["X", "Y"]}, ["X", "Y"]),
        ({"coupon": "X", "couponCodes": ["Y"]}, ["Y", "X"]),
        ({"coupon": "", "couponCodes": ["Y"]}, ["Y"]),
        ({"coupon": None, "couponCodes": ["Y"]}, ["Y"]),
        ({"couponCodes": ["", "Y", "", "XXXX"]}, ["Y", "XXXX"]),
        ({"coupon": "XXXX"}, ["XXXX"]),
    ],
)
def test_a_single_coupon_is_one_of_the_codes(members: dict[str, Any], codes: object) -> None:
    session = taken(**members)
    assert session.members.get("couponCodes") == codes
    assert "coupon" not in session.members
    assert ("couponCodes" in session.told) is (codes is not None)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"referral": "R"}, "R"),
        ({"referral": ""}, None),
        ({"referral": "R", "referralCode": ""}, "R"),
        ({"referral": "R", "referralCode": None}, "R"),
        ({"referral": "R", "referralCode": "R"}, "R"),
        ({"referral": "", "referralCode": "R"}, "R"),
        ({"referral": None, "referralCode": "R"}, "R"),
    ],
)
def test_a_single_referral_is_the_code(members: dict[str, Any], code: str | None) -> None:
    session = taken(**members)
    assert session.members.get("referralCode") == code
    assert not session.reasons


@pytest.mark.parametrize("other", ["Q", "XXXX"])
def test_two_referrals_that_differ_are_refused(other: str) -> None:
    assert why(taken(referral="R", referralCode=other)) == [
        ("duplicate-key", "referral", "the same code as referralCode", "another")
    ]


@pytest.mark.parametrize("name", ["profileId", "storeIntegrationId", "referralCode"])
def test_an_empty_id_or_code_is_none(name: str) -> None:
    assert taken(**{name: ""}).members[name] is None
    assert taken(**{name: "XXXX"}).members[name] == "XXXX"


def test_an_empty_integration_id_is_none() -> None:
    assert taken(integrationId="").members["integrationId"] is None


@pytest.mark.parametrize(
    ("dialect", "zero", "sentinel"),
    [
        ("session_list", "0", True),
        ("session_list", "0.00", True),
        ("session_list", "5", False),
        ("single_session", "0", False),
    ],
)
def test_a_zero_sum_of_discounts_says_nothing_in_a_list(
    dialect: str, zero: str, sentinel: bool
) -> None:
    text = dump(HEAD)[:-1] + b', "totalDiscounts": ' + zero.encode() + b"}"
    session = understand(RawRecord(1, 0, text, "json"), dialect)
    assert isinstance(session, Session)
    assert session.sentinel is sentinel
    assert session.members["totalDiscounts"] == (None if sentinel else zero)
    assert ("totalDiscounts" in session.told) is not sentinel


def test_a_session_without_state_is_open_and_does_not_tell_so() -> None:
    session = taken()
    assert session.members["state"] == "open"
    assert "state" not in session.told
    assert taken(state="closed").members["state"] == "closed"


def test_what_the_model_does_not_know_is_told() -> None:
    assert "extras" in taken(more=1).told
    assert "extras" in taken(additionalCosts={"a": {"price": 1, "more": 2}}).told
    assert "extras" not in taken().told


def test_discounts_are_a_map_of_the_shops_own() -> None:
    assert taken(discounts={"A": 1}).members["discounts"] == {"A": "1"}
    assert why(taken(discounts=[1])) == [("wrong-type", "discounts", "an object", "a list")]
    text = dump(HEAD)[:-1] + b', "discounts": {"A": 1, "A": 2}}'
    session = understand(RawRecord(1, 0, text, "json"))
    assert isinstance(session, Session)
    assert session.reasons == [Reason("duplicate-key", "discounts.A", "one such key", "two")]


def test_costs_that_are_no_map_are_refused_where_they_stand() -> None:
    session = taken(additionalCosts=5, cartItems=[item(additionalCosts=6)])
    assert why(session) == [
        ("wrong-type", "cartItems[0].additionalCosts", "an object", "the number 6"),
        ("wrong-type", "additionalCosts", "an object", "the number 5"),
    ]


def test_experiments_are_kept_as_text_and_as_what_they_are() -> None:
    kept = taken("v2_session", experimentVariantAllocations=[{"a": 1.50}]).members[
        "experimentVariantAllocations"
    ]
    assert isinstance(kept, RawJson)
    assert (kept.text, kept.value) == ('[{"a":1.5}]', [{"a": "1.5"}])


def test_zeros_are_put_back_only_where_nothing_is() -> None:
    session = taken("csharp_v2", total=5, firstSession=True, cartItemTotal=4)
    assert [
        session.members[name]
        for name in ("total", "firstSession", "cartItemTotal", "additionalCostTotal")
    ] == ["5", True, "4", "0"]
