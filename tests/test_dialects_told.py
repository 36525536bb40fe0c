"""How a dialect is told where little tells it, and what is said of records without session."""

from __future__ import annotations

import io

import pytest

import sessionkit
from sessionkit.containers import RawRecord
from sessionkit.dialects import understand
from sessionkit.dialects.members import Session
from sessionkit.dialects.shapes import recognised
from sessionkit.errors import Reason
from sessionkit.flatten import flatten
from sessionkit.values import Reading
from tests.reading import Doc, dump, reasons, session

NO_SESSION = "an object that holds a session"
BESIDE = "a session beside the effects (ask for it with responseContent=customerSession)"
SEVEN = dict.fromkeys("abcdefg", 1)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, ("not-a-session", NO_SESSION, "an object with no member at all")),
        (SEVEN, ("not-a-session", NO_SESSION, "an object with a, b, c, d, e")),
        ("[]", ("not-a-session", NO_SESSION, "a list")),
        ({"effects": []}, ("effects-without-session", BESIDE, "effects and no session")),
        (
            {"customerSession": None, "effects": []},
            ("effects-without-session", BESIDE, "effects and no session"),
        ),
        (
            {"session": 5, "profile": {}},
            ("not-a-session", NO_SESSION, "an object with session, profile"),
        ),
    ],
)
def test_what_is_said_of_a_record_without_session(
    document: Doc, told: tuple[str, str, str]
) -> None:
    understood = understand(RawRecord(1, 0, dump(document), "json"))
    code, expected, found = told
    assert understood == Reason(code, "", expected, found)


@pytest.mark.parametrize("name", ["coupon", "referral", "coupons"])
def test_what_both_a_session_and_a_response_may_hold_hides_no_session(name: str) -> None:
    known = ["created", "state", "total"]
    assert recognised([*known, name]) is not None
    assert recognised([*known, "loyalty"]) is None
    assert recognised(["created", "state"]) is None


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["integrationId"], "session_list"),
        (["integrationId", "firstSession"], "v1_session"),
        (["integrationId", "updated"], "v1_session"),
        (["integrationId", "cartItemTotal"], "v2_session"),
        (["integrationId", "updated", "totalDiscounts"], "session_list"),
        (["created", "state", "total"], "session_list"),
    ],
)
def test_elements_of_a_page_are_of_the_list_unless_only_the_other_api_has_what_they_have(
    keys: list[str], name: str
) -> None:
    dialect = recognised(keys, page=True)
    assert dialect is not None
    assert dialect.name == name


@pytest.mark.parametrize("effects", ['"effects": [], "effects": []', '"effects": [], "Effects": 1'])
def test_two_lists_of_effects_are_refused(effects: str) -> None:
    whole = dump(session(discounts=...)).decode()
    text = f'{{"customerSession": {whole}, {effects}}}'
    tables = sessionkit.read(io.BytesIO(text.encode()))
    assert reasons(tables) == [("duplicate-key", "effects")]
    (reject,) = tables.rejects.to_pylist()
    assert (reject["reasons"][0]["expected"], reject["reasons"][0]["found"]) == (
        "one such member",
        "two",
    )


def test_a_zero_put_back_was_told_by_the_serialiser() -> None:
    bare = session(total=..., firstSession=...)
    understood = understand(RawRecord(1, 0, dump(bare), "json"), "csharp_v1")
    assert isinstance(understood, Session)
    assert {"total", "firstSession"} <= understood.told
    understood = understand(RawRecord(1, 0, dump(bare), "json"), "v1_session")
    assert isinstance(understood, Session)
    assert not {"total", "firstSession"} & understood.told


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ('"total": 1, "total": 2', "total"),
        ('"total": 1, "Total": 2', "total"),
        ('"cartItems": [{"sku": "a"}, {"sku": "b", "price": 1, "price": 2}]', "cartItems[1].price"),
        ('"cartItems": [{"product": {"name": 1, "name": 2}}]', "cartItems[0].product.name"),
        ('"cartItems": [{"attributes": {"a": 1, "a": 2}}]', "cartItems[0].attributes.a"),
        ('"attributes": {"it\'s": 1, "it\'s": 2}', 'attributes["it\'s"]'),
        ('"Attributes": {"a": true}, "attributes": {"m": ""}', "attributes"),
        ('"attributes": {}, "Attributes": {"a": 1}', "attributes"),
        ('"cartItems": [{"sku": "a", "attributes": {"x": 1}}], "CartItems": []', "cartItems"),
        ('"cartItems": [{"attributes": {"x": 1}, "Attributes": {}}]', "cartItems[0].attributes"),
    ],
)
def test_a_member_that_stands_twice_is_refused_where_it_stands(members: str, path: str) -> None:
    text = f'{{"integrationId": "a", "applicationId": 1, {members}}}'
    understood = understand(RawRecord(1, 0, text.encode(), "json"))
    assert isinstance(understood, Session)
    assert [(reason.code, reason.path) for reason in understood.reasons] == [
        ("duplicate-key", path)
    ]
    flatten(understood, Reading())  # what was taken all the same is whole


def test_attributes_of_a_line_that_are_none_are_refused_where_they_stand() -> None:
    text = '{"integrationId": "a", "applicationId": 1, "cartItems": [{"attributes": [1]}]}'
    understood = understand(RawRecord(1, 0, text.encode(), "json"))
    assert isinstance(understood, Session)
    assert understood.reasons == [
        Reason("wrong-type", "cartItems[0].attributes", "an object", "a list")
    ]


def test_unknown_members_of_a_product_are_kept_with_its_line() -> None:
    product = '{"name": "Tea", "maker": {"id": 7.50}}'
    text = f'{{"integrationId": "a", "applicationId": 1, "cartItems": [{{"product": {product}}}]}}'
    understood = understand(RawRecord(1, 0, text.encode(), "json"))
    assert isinstance(understood, Session)
    (line,) = understood.members["cartItems"]
    assert line["extras"].text == '{"product":{"maker":{"id":7.50}}}'
    assert line["extras"].value == {"product": {"maker": {"id": "7.50"}}}


def test_effects_of_a_response_are_taken_as_they_are() -> None:
    response = {"customerSession": {"integrationId": "a"}, "effects": [1], "loyalty": {}}
    understood = understand(RawRecord(1, 0, dump(response), "json"))
    assert isinstance(understood, Session)
    assert (understood.effects, understood.beside) == (["1"], ("loyalty",))


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["type", "record"], "singer"),
        (["applicationId", "cartItems"], "v1_session"),
        (["applicationId", "x"], None),
        (["cartItems", "x"], None),
    ],
)
def test_the_fewest_keys_that_tell_a_dialect(keys: list[str], name: str | None) -> None:
    dialect = recognised(keys)
    assert (dialect and dialect.name) == name


@pytest.mark.parametrize("name", ["customerSession", "session"])
def test_a_response_with_two_sessions_is_refused_by_name(name: str) -> None:
    text = f'{{"{name}": {{}}, "{name}": {{}}}}'
    understood = understand(RawRecord(1, 0, text.encode(), "json"))
    assert understood == Reason("duplicate-key", name, "one session", "two")


@pytest.mark.parametrize(("container", "name"), [("json", "v1_session"), ("page", "singer")])
def test_a_record_of_a_tap_is_of_the_list_unless_it_is_the_other_apis(
    container: str, name: str
) -> None:
    record = {"integrationId": "a", "applicationId": 1}
    line = {"type": "RECORD", "stream": "sessions", "record": record}
    understood = understand(RawRecord(1, 0, dump(line), container))
    assert isinstance(understood, Session)
    assert (understood.dialect.name, understood.beside) == (name, ())


@pytest.mark.parametrize(
    ("document", "api"),
    [
        (session(total=...), "v1"),
        ({"session": session(total=...), "profile": {}}, "v1"),
        (session(total=..., totalDiscounts=0), None),
    ],
)
def test_a_serialiser_that_is_named_may_have_written_any_shape(
    document: Doc, api: str | None
) -> None:
    understood = understand(RawRecord(1, 0, dump(document), "json"), "csharp_v1")
    assert isinstance(understood, Session)
    assert (understood.dialect.name, understood.dialect.api) == ("csharp_v1", api)
    assert understood.members["total"] == "0"
    assert ("firstSession" in understood.members) or api is None
