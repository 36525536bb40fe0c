"""Items and identifiers: lines are summed once, and customers are linked by what they share."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from sessionkit import database, questions
from sessionkit.cli import main
from sessionkit.errors import UsageError
from tests.asking import Row, at, columns, source
from tests.builders import shop
from tests.literal_dumps import THREE, write_lines
from tests.oracle_items import Union

KNOWN = {"discounts_known": True, "discount_total": "1"}
CARTS = source(
    {**KNOWN, "store_id": "n"},
    {"store_id": "s", "discounts_known": True, "discount_total": "0"},
    {"store_id": "s"},
    {"state": "open"},
    cart_items=[
        {"of": "a", "line": 0, "sku": "tea", "category": "kitchen", "product_name": "Tea",
         "quantity": 2, "price": "10", "returned_quantity": 1},
        {"of": "a", "line": 1, "sku": "tea", "category": "kitchen", "product_name": "Tea",
         "quantity": 1, "price": "9.5", "returned_quantity": None},
        {"of": "a", "line": 2, "sku": "cup", "category": "kitchen", "quantity": 5,
         "price": "4.1", "returned_quantity": 0},
        {"of": "b", "line": 0, "sku": "tea", "category": None, "quantity": 4, "price": None,
         "returned_quantity": 4},
        {"of": "c", "line": 0, "sku": "gift", "category": "garden", "quantity": 9, "price": None},
        {"of": "d", "line": 0, "sku": "tea", "quantity": 50, "price": "10"},
    ],
)  # fmt: skip
"""Three completed sessions, of which the third has only an item without a price; one open."""


def test_every_figure_of_three_skus() -> None:
    assert questions.top_items(CARTS).table.to_pylist() == [
        {
            "place": 1, "item": "tea", "items_total": Decimal("29.5"), "share": 0.59,
            "unit_count": 7, "line_count": 3, "unpriced_line_count": 1, "session_count": 2,
            "returned_unit_count": 5, "returned_known_unit_count": 6, "returned_share": 5 / 6,
            "returned_total": Decimal(10), "discounted_count": 1, "discount_known_count": 2,
            "discount_ambiguous_count": 0, "discount_unknown_count": 0,
            "discount_penetration": 0.5, "item_count": 3,
        },
        {
            "place": 2, "item": "cup", "items_total": Decimal("20.5"), "share": 0.41,
            "unit_count": 5, "line_count": 1, "unpriced_line_count": 0, "session_count": 1,
            "returned_unit_count": 0, "returned_known_unit_count": 5, "returned_share": 0.0,
            "returned_total": Decimal(0), "discounted_count": 1, "discount_known_count": 1,
            "discount_ambiguous_count": 0, "discount_unknown_count": 0,
            "discount_penetration": 1.0, "item_count": 3,
        },
        {
            "place": 3, "item": "gift", "items_total": None, "share": None,
            "unit_count": 9, "line_count": 1, "unpriced_line_count": 1, "session_count": 1,
            "returned_unit_count": 0, "returned_known_unit_count": 0, "returned_share": None,
            "returned_total": Decimal(0), "discounted_count": 0, "discount_known_count": 0,
            "discount_ambiguous_count": 0, "discount_unknown_count": 1,
            "discount_penetration": None, "item_count": 3,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "items"),
    [
        ({}, ["tea", "cup", "gift"]),
        ({"rank_by": "units"}, ["gift", "tea", "cup"]),
        ({"of": "category"}, ["kitchen", "garden", None]),
        ({"of": "category", "rank_by": "units"}, ["garden", "kitchen", None]),
        ({"of": "product"}, ["Tea", None]),
        ({"limit": 1}, ["tea"]),
        ({"population": "all", "limit": None, "rank_by": "units"}, ["tea", "gift", "cup"]),
        ({"where": {"sku": "cup"}}, ["tea", "cup"]),
        ({"where": {"category": "garden"}}, ["gift"]),
    ],
)
def test_items_are_in_the_order_asked_for(given: Row, items: list[Any]) -> None:
    assert columns(questions.top_items(CARTS, **given), "item") == [(item,) for item in items]


def test_items_of_equal_rank_are_in_the_order_of_their_names() -> None:
    names = ["b", "a", "Ä", "c"]
    lines = [{"of": "a", "line": n, "sku": name, "price": "1"} for n, name in enumerate(names)]
    for rank_by in ("money", "units"):
        result = questions.top_items(source({}, cart_items=lines), rank_by=rank_by)
        assert columns(result, "place", "item") == [(1, "a"), (2, "b"), (3, "c"), (4, "Ä")]


def test_the_limit_is_of_each_group_and_what_it_leaves_out_is_told() -> None:
    result = questions.top_items(CARTS, by="store_id", limit=1, total_row=True)
    assert columns(result, "store_id", "place", "item", "item_count") == [
        ("n", 1, "tea", 2),
        ("s", 1, "gift", 2),
        (None, 1, "tea", 3),
    ]
    assert "4 items are not shown; limit says how many of each group are." in result.notes
    assert not any("shown" in note for note in questions.top_items(CARTS, limit=None).notes)


def test_money_of_items_is_exact() -> None:
    prices = ["33.333333333333336", "0.000000000000000001", "12345678901234567890.5"]
    lines = [
        {"of": "a", "line": n, "sku": str(n % 2), "price": price, "quantity": 1 if n == 2 else 3}
        for n, price in enumerate(prices)
    ]
    found = questions.top_items(source({}, cart_items=lines)).table["items_total"].to_pylist()
    assert found == [Decimal("12345678901234567990.500000000000008"), Decimal("3E-18")]


def test_money_is_the_same_whatever_an_item_is_and_whatever_groups_there_are() -> None:
    tables = shop(7, sessions=200)
    given = {"currencies": "EUR", "population": "all", "limit": None}

    def sums(**more: Any) -> list[Any]:
        table = questions.top_items(tables, **given, **more).table
        return [
            sum(value or 0 for value in table[figure].to_pylist())
            for figure in ("items_total", "unit_count", "line_count", "returned_total")
        ]

    whole = sums()
    assert all(whole)
    assert whole == sums(of="category") == sums(of="product")
    for by in ("application_id", "state", "week", "customer_type", "discounted", "store_id"):
        assert sums(by=by) == whole, by


def test_no_item_is_no_row_with_the_same_columns() -> None:
    for name in ("top_items", "identifier_overlap"):
        ask = getattr(questions, name)
        assert len(ask({}, by="month", total_row=True)) == 0
        assert len(ask(source({}))) == 0
        assert ask({}, by="month").table.schema == ask(CARTS, by="month").table.schema


def test_items_of_two_periods_lie_side_by_side() -> None:
    january, february = ({"created_at": at(day)} for day in ("2024-01-05", "2024-02-05"))
    tables = source(
        january, february,
        cart_items=[
            {"of": "a", "line": 0, "sku": "old", "price": "8"},
            {"of": "a", "line": 1, "sku": "tea", "price": "4"},
            {"of": "b", "line": 0, "sku": "tea", "price": "6"},
            {"of": "b", "line": 1, "sku": "cup", "price": "1"},
        ],
    )  # fmt: skip
    given = {"compare": ("2024-01", "2024-02")}
    names = ("item", "place", "place_before", "items_total", "items_total_before", "share_before")
    every = questions.top_items(tables, limit=None, **given)
    assert columns(every, *names) == [
        ("tea", 1, 2, 6, 4, 1 / 3),
        ("cup", 2, 0, 1, 0, None),
        ("old", 0, 1, 0, 8, 2 / 3),
    ]
    top = questions.top_items(tables, limit=1, **given)
    assert columns(top, *names) == [("tea", 1, 2, 6, 4, 1 / 3)]
    assert top.notes[-1] == "2 items are not shown; limit says how many of each group are."
    assert list(top.definition) == top.table.column_names


# ---- identifier_overlap


def shared(*told: tuple[str, str], **given: Any) -> dict[str, Any]:
    """A session for each pair of a customer and an identifier; `None` is nobody."""
    return source(
        *(
            {"integration_id": str(n), "profile_id": who or None, "total": "10", **KNOWN}
            for n, (who, _) in enumerate(told)
        ),
        identifiers=[{"of": str(n), "identifier": value} for n, (_, value) in enumerate(told)],
        **given,
    )


CHAIN = shared(
    ("ann", "x"), ("bob", "x"), ("bob", "y"), ("eve", "y"), ("eve", "own"),
    ("kim", "z"), ("lea", "z"), ("", "z"), ("max", "none"), ("", "none"), ("ann", ""), ("max", ""),
)  # fmt: skip
NAMES = ("component", "is_linked", "profile_count", "session_count", "profiles", "identifiers")


def test_customers_are_linked_by_way_of_others() -> None:
    result = questions.identifier_overlap(CHAIN, show=True)
    assert columns(result, *NAMES) == [
        (1, True, 3, 6, ["ann", "bob", "eve"], ["x", "y"]),
        (2, True, 2, 2, ["kim", "lea"], ["z"]),
    ]
    figures = ("identifier_count", "sharing_session_count", "gross_total", "discount_total")
    assert columns(result, *figures) == [(2, 4, 60, 6), (1, 2, 20, 2)]


def test_a_value_of_too_many_is_listed_and_links_nobody() -> None:
    tables = shared(*[(who, "office") for who in "abcd"], ("a", "x"), ("b", "x"), ("c", "q"))
    result = questions.identifier_overlap(tables, max_sharing=3, show=True)
    assert columns(result, *NAMES) == [
        (1, True, 2, 4, ["a", "b"], ["x"]),
        (None, False, 4, 7, ["a", "b", "c", "d"], ["office"]),
    ]
    assert columns(result, "sharing_session_count") == [(2,), (4,)]
    assert any(note.startswith("1 row is a value of more than 3") for note in result.notes)
    linked = questions.identifier_overlap(tables, max_sharing=4, show=True)
    assert columns(linked, "profile_count", "identifiers") == [(4, ["office", "x"])]


def test_coupons_and_referrals_link_on_request() -> None:
    tables = source(
        {"profile_id": "ann", "referral_code": "r"},
        {"profile_id": "bob", "referral_code": "r"},
        {"profile_id": "eve", "referral_code": ""},
        {"profile_internal_id": 7},
        coupons=[{"of": "b", "code": "x"}, {"of": "c", "code": "x"}],
        identifiers=[{"of": "c", "identifier": "r"}, {"of": "d", "identifier": "r"}],
    )
    for of, expected in (
        ("identifier", [(["#7", "eve"], ["r"])]),
        ("coupon", [(["bob", "eve"], ["x"])]),
        (["referral"], [(["ann", "bob"], ["r"])]),
        (("referral", "coupon"), [(["ann", "bob", "eve"], ["coupon:x", "referral:r"])]),
        (
            ["identifier", "coupon", "referral"],
            [(["#7", "ann", "bob", "eve"], ["coupon:x", "identifier:r", "referral:r"])],
        ),
    ):
        result = questions.identifier_overlap(tables, of=of, show=True)
        assert columns(result, "profiles", "identifiers") == expected


def test_nobody_is_shown_unless_asked() -> None:
    given = {"max_sharing": 2, "total_row": True}
    result = questions.identifier_overlap(CHAIN, **given)
    told = json.dumps(result.table.to_pylist(), default=str)
    assert not any(name in told for name in ("ann", "bob", '"x"', '"z"'))
    again, salted, same = (
        columns(questions.identifier_overlap(CHAIN, salt=salt, **given), "profiles", "identifiers")
        for salt in (None, "s3cret", "s3cret")
    )
    assert columns(result, "profiles", "identifiers") != again != salted == same
    people, values = salted[0]
    assert [len(set(people)), len(set(values))] == [3, 2]
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in people + values)
    assert any("Their secret is a new one" in note for note in result.notes)


def test_the_text_that_ran_holds_no_secret_and_can_be_run_again() -> None:
    result = questions.identifier_overlap(CHAIN, salt="s3cret")
    assert "s3cret" not in result.sql
    with database.connect(CHAIN) as connection:
        *before, last = connection.extract_statements(result.sql)
        for statement in before:
            connection.execute(statement)
        again = connection.sql(last.query).to_arrow_table()
    hidden = ["profiles", "identifiers"]
    assert again.drop_columns(["is_total", "grp", *hidden]) == result.table.drop_columns(hidden)
    assert again["profiles"] != result.table["profiles"]


def test_a_customer_and_a_number_that_look_alike_are_two() -> None:
    tables = source(
        {"profile_id": "#7"},
        {"profile_internal_id": 7},
        identifiers=[{"of": "a", "identifier": "x"}, {"of": "b", "identifier": "x"}],
    )
    ((people,),) = columns(questions.identifier_overlap(tables), "profiles")
    assert len(set(people)) == 2


def test_customers_are_linked_within_each_group() -> None:
    tables = source(
        {"profile_id": "ann", "store_id": "n"},
        {"profile_id": "bob", "store_id": "s"},
        identifiers=[{"of": "a", "identifier": "x"}, {"of": "b", "identifier": "x"}],
    )
    result = questions.identifier_overlap(tables, by="store_id", total_row=True, show=True)
    assert columns(result, "is_total", "store_id", "profiles") == [(True, None, ["ann", "bob"])]


def graph(kind: str, seed: int) -> list[tuple[str, str]]:
    """Customers and values: a long chain, a star, a ring, or anything."""
    dice, size = Random(seed), 3000
    people = [f"p{n}" for n in dice.sample(range(10 * size), size)]
    match kind:
        case "chain":
            ways = range(size - 1)
            return [pair for n in ways for pair in ((people[n], f"v{n}"), (people[n + 1], f"v{n}"))]
        case "ring":
            return [(who, f"v{(n + d) % size}") for n, who in enumerate(people) for d in (0, 1)]
        case "star":
            return [pair for who in people[1:] for pair in ((who, who), (people[0], who))]
    return [(dice.choice(people), f"v{dice.randrange(size)}") for _ in range(size)]


@pytest.mark.parametrize("kind", ["chain", "ring", "star", "any", "any other"])
def test_large_components_equal_those_of_union_find(kind: str) -> None:
    pairs = graph(kind, len(kind))
    sharers: dict[str, set[str]] = {}
    for who, value in pairs:
        sharers.setdefault(value, set()).add(who)
    union = Union()
    for first, *others in (sorted(who) for who in sharers.values() if len(who) > 1):
        for other in others:
            union.join(first, other)
    sets: dict[str, set[str]] = {}
    for who in union.parent:
        sets.setdefault(union.find(who), set()).add(who)
    result = questions.identifier_overlap(shared(*pairs), show=True, max_sharing=10_000)
    found = [people for (people,) in columns(result, "profiles")]
    assert sorted(found) == sorted(sorted(people) for people in sets.values())
    assert len(found) == 1 or kind.startswith("any")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("top_items", {"of": "brand"}, "unknown kind of item 'brand'.*category, product, sku"),
        ("top_items", {"rank_by": "name"}, "unknown order in rank_by 'name'.*money, units"),
        ("top_items", {"limit": 0}, "limit: expected a whole number from 1, got 0"),
        ("top_items", {"limit": "5"}, "limit: expected a whole number from 1, got '5'"),
        ("top_items", {"limit": True}, "limit: expected a whole number from 1, got True"),
        ("identifier_overlap", {"of": "email"}, "unknown kind of identifier 'email'.*coupon"),
        ("identifier_overlap", {"of": ["coupon", 5]}, "unknown kind of identifier '5'"),
        ("identifier_overlap", {"of": []}, "of: expected one or several of identifier"),
        ("identifier_overlap", {"max_sharing": 1}, "max_sharing: expected a whole number from 2"),
        ("identifier_overlap", {"max_sharing": 2.5}, "max_sharing: expected a whole number"),
        ("identifier_overlap", {"salt": ""}, "salt: expected a text that is not empty"),
        ("identifier_overlap", {"compare": "year", "since": "2024-01-01"}, "takes no compare"),
    ],
)
def test_a_wrong_argument_is_told(name: str, given: Row, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        getattr(questions, name)(CARTS, **given)


# ---- the commands


def run(*arguments: str | Path) -> Any:
    """The rows that a command prints."""
    ended = CliRunner().invoke(main, [*map(str, arguments), "--format", "json"])
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second, third = THREE
    asked = {"identifiers": ["10.0.0.1"], "state": "closed"}
    return write_lines(
        tmp_path_factory.mktemp("items") / "three.jsonl",
        first | asked,
        second | asked | {"profileId": "bert"},
        third | {"state": "closed"},
    )


def test_the_commands_take_what_the_functions_take(dump: Path) -> None:
    (row,) = run("top-items", dump, "--of", "product", "--rank-by", "units", "--limit", "0")
    assert (row["item"], row["unit_count"], row["items_total"]) == (None, 2, "100.1")
    new, *_ = run("customer-summary", dump)
    assert (new["customer_type"], new["customer_count"]) == ("new", 2)
    cohorts = run("cohort-retention", dump, "--period", "quarter", "--by", "first_discounted")
    assert [row["first_discounted"] for row in cohorts] == sorted(
        row["first_discounted"] for row in cohorts
    )
    assert {row["profile_id"] for row in run("rfm", dump, "--money", "net")} == {"anna", "bert"}
    (hidden,) = run("identifier-overlap", dump)
    assert hidden["profile_count"] == 2
    assert "anna" not in hidden["profiles"]
    (shown,) = run("identifier-overlap", dump, "--of", "identifier,coupon", "--show")
    assert shown["profiles"] == ["anna", "bert"]
    assert shown["identifiers"] == ["identifier:10.0.0.1"]
