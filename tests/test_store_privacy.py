"""Pseudonyms: what is personal is nowhere in a store or an export, and joins hold all the same."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import folder
from sessionkit.errors import StoreError, UsageError
from sessionkit.generate import generate
from sessionkit.spilling import Spill
from sessionkit.store import Store
from sessionkit.store.hiding import Hiding
from sessionkit.tables import ALL, MODEL, PROVENANCE
from tests.reading import dump, item, named, session

KEY = "a key that is only for tests"
OTHER_KEY = b"\x00another key for tests"

DOC = session(
    profileId="kunde-7",
    referral="FRIEND-1",
    identifiers=["ip-1", "", "kunde-7"],
    attributes={"Email": "a@b.de", "Channel": "web", "Age": 41.0, "Vip": True, "No": None},
    cartItems=[item(attributes={"Email": "a@b.de", "Gift": "to Ann"})],
    newKey={"profileId": "kunde-7", "deep": [{"loyalty_cards": ["card-1"], "plain": "web"}]},
)
RESPONSE = {
    "customerSession": {
        "integrationId": "S-2",
        "applicationId": 1,
        "created": "2026-03-01T10:00:00Z",
        "updated": "2026-03-01T10:00:00Z",
        "profileId": "kunde-7",
        "referralCode": "FRIEND-1",
        "loyaltyCards": ["card-1"],
        "couponCodes": [],
        "cartItems": [],
        "state": "open",
        "firstSession": True,
        "total": 0,
        "attributes": {},
    },
    "effects": [
        {
            "campaignId": 1,
            "rulesetId": 1,
            "ruleIndex": 0,
            "ruleName": "r",
            "effectType": effect_type,
            "props": props,
        }
        for effect_type, props in (
            ("acceptReferral", {"value": "FRIEND-1"}),
            ("addLoyaltyPoints", {"name": "p", "value": 7, "recipientIntegrationId": "kunde-8"}),
            ("updateAttribute", {"path": "CustomerProfile.Attributes.Email", "value": "c@d.de"}),
            ("showNotification", {"body": "kunde-7", "title": "plain"}),
            ("setDiscount", {"name": "Tea", "value": 7}),
        )
    ],
}
NAMES = ["Email", "Age", "Vip", "No"]


def hashed(text: str, key: str | bytes = KEY) -> str:
    given = key.encode() if isinstance(key, str) else key
    return hmac.new(given, text.encode(), "sha256").hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.duckdb"


def load(path: Path, *docs: Any, key: Any = KEY, names: Iterable[str] = NAMES, **more: Any) -> None:
    with Store(path) as store:
        for number, doc in enumerate(docs):
            given = list(names) if key else []
            store.load(
                named(f"{number}.json", dump(doc)),
                pseudonymise=key,
                pseudonymise_attributes=given,
                **more,
            )


def tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    with Store.open_readonly(path) as store:
        return {
            table.name: store.connection().sql(f"from {table.name}").to_arrow_table().to_pylist()
            for table in ALL
        }


def cells(path: Path, *, kept: bool = True) -> Iterator[str]:
    """Every value in a store, of its inner tables too, as text."""
    with Store.open_readonly(path) as store:
        names = store.connection().sql(
            "select table_schema || '.' || table_name from information_schema.tables"
        )
        for (name,) in names.fetchall():
            for row in store.connection().sql(f"from {name}").to_arrow_table().to_pylist():
                yield json.dumps(row, default=str, ensure_ascii=False)


def test_what_is_personal_has_its_keyed_hash_everywhere(path: Path) -> None:
    load(path, DOC, RESPONSE)
    found = tables(path)
    one, two = sorted(found["sessions"], key=lambda row: row["integration_id"])
    customer, friend, card = hashed("kunde-7"), hashed("FRIEND-1"), hashed("card-1")
    assert one["profile_id"] == two["profile_id"] == customer
    assert one["referral_code"] == two["referral_code"] == friend
    assert two["loyalty_cards"] == [card]
    assert one["identifiers"] == [hashed("ip-1"), "", customer]
    assert {row["identifier"] for row in found["identifiers"]} == {hashed("ip-1"), "", customer}
    assert json.loads(one["extras"]) == {
        "newKey": {"profileId": customer, "deep": [{"loyalty_cards": [card], "plain": "web"}]}
    }
    props = {row["effect_type"]: json.loads(row["props"]) for row in found["effects"]}
    assert props == {
        "acceptReferral": {"value": friend},
        "addLoyaltyPoints": {"name": "p", "value": 7, "recipientIntegrationId": hashed("kunde-8")},
        "updateAttribute": {"path": "CustomerProfile.Attributes.Email", "value": hashed("c@d.de")},
        "showNotification": {"body": customer, "title": "plain"},
        "setDiscount": {"name": "Tea", "value": 7},
    }
    assert {row["profile_id"] for row in found["effects"]} == {customer}
    assert {row["referral_code"] for row in found["effects"]} == {friend, None}


def test_attributes_that_were_chosen_and_no_others(path: Path) -> None:
    load(path, DOC)
    found = tables(path)
    rows = {
        (row["line"], row["name"]): (row["kind"], json.loads(row["value"]))
        for row in found["attributes"]
    }
    assert rows == {
        (None, "Email"): ("string", hashed("a@b.de")),
        (None, "Channel"): ("string", "web"),
        (None, "Age"): ("string", hashed("41")),
        (None, "Vip"): ("string", hashed("true")),
        (None, "No"): ("null", None),
        (0, "Email"): ("string", hashed("a@b.de")),
        (0, "Gift"): ("string", "to Ann"),
    }
    (session_row,), (line,) = found["sessions"], found["cart_items"]
    assert json.loads(session_row["attributes"]) == {
        name: value for (at, name), (_, value) in rows.items() if at is None
    }
    assert json.loads(line["attributes"]) == {"Email": hashed("a@b.de"), "Gift": "to Ann"}


def test_the_other_attributes_keep_their_words() -> None:
    hiding = Hiding(lambda text: text.upper(), frozenset(["b", "ü"]))
    assert hiding.attributes('{"a": 1.50, "b" : ["x", {"k": 2.0}], "\\u00fc": "y", "c":  [ ]}') == (
        '{"a":1.50,"b":["X",{"k":"2"}],"ü":"Y","c":[ ]}'
    )
    assert hiding.attributes('{"a": "b", "x": {"b": 1}}') == '{"a": "b", "x": {"b": 1}}'


def test_internal_numbers_of_customers_are_replaced_by_numbers(path: Path) -> None:
    listed = {
        "id": 9,
        "integrationId": "S-9",
        "applicationId": 1,
        "created": "2026-03-01T10:00:00Z",
        "profileId": 138,
        "profileintegrationid": "kunde-7",
        "state": "open",
        "cartItems": [],
        "discounts": {},
        "totalDiscounts": 0,
        "total": 1,
        "attributes": {},
    }
    load(path, {"hasMore": False, "data": [listed, listed | {"integrationId": "S-10"}]})
    numbers = {row["profile_internal_id"] for row in tables(path)["sessions"]}
    digest = hmac.new(KEY.encode(), b"138", "sha256").digest()
    assert numbers == {int.from_bytes(digest[:8], "big") >> 1}


def test_rejects_keep_their_place_and_reasons_but_no_raw_text(path: Path) -> None:
    load(path, session(profileId="kunde-7", total="kunde-7", created="yesterday, Ann"))
    (reject,) = tables(path)["rejects"]
    assert reject["raw"] == b""
    assert reject["integration_id"] == "S-1"
    assert {(r["code"], r["path"], r["found"]) for r in reject["reasons"]} == {
        ("wrong-type", "total", "left out, as it may be personal"),
        ("bad-instant", "created", "left out, as it may be personal"),
    }


def test_a_file_that_is_no_dump_is_not_quoted(path: Path, tmp_path: Path) -> None:
    def files() -> list[Any]:
        return [named("a.json", dump(DOC)), named("list.txt", b"Ann Example, ann@example.com\n")]

    with Store(path) as store:
        store.load(*files(), pseudonymise=KEY)
    with Store(tmp_path / "plain.duckdb") as plain:
        plain.load(*files())
        plain.export(tmp_path / "out", pseudonymise=KEY)
        quoted = plain.sql("select message from loads where status = 'unreadable'").table
    assert "Ann Example" in str(quoted.to_pylist())
    for found in (tables(path)["loads"], folder.read(tmp_path / "out")["loads"].to_pylist()):
        (message,) = [row["message"] for row in found if row["status"] == "unreadable"]
        assert message.endswith(
            "got a file that begins with what is left out, as it may be personal"
        )


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made-up")
    generate(home, sessions=150, seed=5, defects=True)
    return home / "dumps"


def personal_of(path: Path, names: list[str]) -> set[str]:
    """What is personal in a store that keeps it as it came."""
    found = tables(path)
    texts: set[str] = set()
    for row in [*found["sessions"], *found["effects"]]:
        texts |= {row["profile_id"], row["referral_code"]}
        texts |= {*(row.get("identifiers") or ()), *(row.get("loyalty_cards") or ())}
        if row["profile_internal_id"]:
            texts.add(str(row["profile_internal_id"]))
    for row in found["attributes"]:
        if row["name"] in names and isinstance(value := json.loads(row["value"]), str):
            texts.add(value)
    return {text for text in texts if text and len(text) > 4}


def test_nothing_personal_is_left_anywhere(made_up: Path, tmp_path: Path) -> None:
    names = ["ShippingCity", "Note"]
    plain, hidden = tmp_path / "plain.duckdb", tmp_path / "hidden.duckdb"
    with Store(plain) as one, Store(hidden) as other:
        one.load(made_up)
        other.load(made_up, pseudonymise=KEY, pseudonymise_attributes=names)
        one.export(tmp_path / "out", pseudonymise=KEY, pseudonymise_attributes=names)
    personal = personal_of(plain, names)
    assert len(personal) > 100
    spelt = {json.dumps(text, ensure_ascii=False)[1:-1] for text in personal}
    in_plain = " ".join(cells(plain))
    simple = {text for text in personal if text.isascii() and not set(text) & set('"\\\n')}
    assert len(simple) > 80
    assert [text for text in simple if text not in in_plain] == []
    words = [text.encode() for text in simple if not text.isdigit() and len(text) > 7]
    kept, hashed_only = plain.read_bytes(), hidden.read_bytes()
    assert sum(word in kept for word in words) > 20
    assert [word for word in words if word in hashed_only] == []
    exported = folder.read(tmp_path / "out")
    for where in (" ".join(cells(hidden)), _text_of(exported)):
        assert [text for text in spelt if f'"{text}"' in where or f'\\"{text}\\"' in where] == []
        assert KEY not in where


def _text_of(found: dict[str, pa.Table]) -> str:
    rows = [row for table in found.values() for row in table.to_pylist()]
    return " ".join(json.dumps(row, default=str, ensure_ascii=False) for row in rows)


def test_counts_and_joins_are_those_of_the_plain_store(made_up: Path, tmp_path: Path) -> None:
    plain, hidden = tmp_path / "plain.duckdb", tmp_path / "hidden.duckdb"
    with Store(plain) as one, Store(hidden) as other:
        assert repr(one.load(made_up)) == repr(other.load(made_up, pseudonymise=KEY))
    before, after = tables(plain), tables(hidden)
    assert {n: len(t) for n, t in before.items()} == {n: len(t) for n, t in after.items()}
    replaced = {
        (b["application_id"], b["integration_id"]): b["profile_id"] for b in before["sessions"]
    }
    for row in after["sessions"]:
        profile = replaced[row["application_id"], row["integration_id"]]
        assert row["profile_id"] == (hashed(profile) if profile else None)


def test_nothing_personal_touches_the_disk_on_the_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilt: list[str] = []
    add = Spill.add

    def watched(self: Spill, rows: Any) -> None:
        spilt.extend(str(table.to_pylist()) for table in rows.values())
        add(self, rows)

    monkeypatch.setattr(Spill, "add", watched)
    load(path, [DOC, DOC | {"total": "kunde-7"}], RESPONSE)
    text = " ".join(spilt)
    assert hashed("kunde-7") in text
    for each in ("kunde-7", "kunde-8", "FRIEND-1", "card-1", "ip-1", "a@b.de", "c@d.de"):
        assert f"'{each}'" not in text
        assert f'"{each}"' not in text


def model(path: Path) -> dict[str, list[str]]:
    return {
        table.name: sorted(
            str({n: v for n, v in row.items() if n not in PROVENANCE})
            for row in tables(path)[table.name]
        )
        for table in MODEL
    }


@pytest.mark.parametrize("seed", range(3))
def test_order_and_repetition_do_not_matter(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    docs = [
        DOC | {"integrationId": f"S-{dice.randrange(4)}", "profileId": f"p-{n}", "total": n}
        | {"updated": f"2026-03-0{1 + dice.randrange(3)}T00:00:00Z"}
        for n in range(10)
    ]  # fmt: skip
    first, second = tmp_path / "a.duckdb", tmp_path / "b.duckdb"
    load(first, docs)
    mixed = [*docs, *dice.sample(docs, 4)]
    dice.shuffle(mixed)
    load(second, mixed[:5], mixed[5:9], mixed[9:])
    assert model(first) == model(second)


def test_an_export_has_the_pseudonyms_that_a_load_would_have_given(tmp_path: Path) -> None:
    plain, hidden = tmp_path / "plain.duckdb", tmp_path / "hidden.duckdb"
    load(plain, DOC, RESPONSE, key=None)
    load(hidden, DOC, RESPONSE)
    with Store.open_readonly(plain) as store:
        store.export(tmp_path / "out", pseudonymise=KEY, pseudonymise_attributes=NAMES)
    exported, loaded = folder.read(tmp_path / "out"), tables(hidden)
    for name in ("sessions", "cart_items", "identifiers", "attributes", "effects"):
        assert sorted(map(str, exported[name].to_pylist())) == sorted(map(str, loaded[name]))


def test_an_export_does_not_hash_what_is_hashed(path: Path, tmp_path: Path) -> None:
    load(path, DOC)
    with Store.open_readonly(path) as store:
        store.export(tmp_path / "same", pseudonymise=KEY, pseudonymise_attributes=["Email"])
        store.export(tmp_path / "other", pseudonymise=OTHER_KEY)
        with pytest.raises(UsageError, match="loaded with this key, but not for Channel"):
            store.export(tmp_path / "no", pseudonymise=KEY, pseudonymise_attributes=["Channel"])
    (same,) = folder.read(tmp_path / "same")["sessions"].to_pylist()
    (other,) = folder.read(tmp_path / "other")["sessions"].to_pylist()
    assert same["profile_id"] == hashed("kunde-7")
    assert other["profile_id"] == hashed(hashed("kunde-7"), OTHER_KEY)


def test_an_export_hides_conflicts_and_digests(path: Path, tmp_path: Path) -> None:
    dated = {"updated": "2026-03-02T00:00:00Z", "updateCount": 2}
    other = {"profileId": "kunde-9", "attributes": {"Email": "x@y.de", "Channel": "app"}}
    load(path, DOC | dated, DOC | dated | other, key=None)
    before = tables(path)
    with Store.open_readonly(path) as store:
        store.export(tmp_path / "out", pseudonymise=KEY, pseudonymise_attributes=["Email"])
    after = folder.read(tmp_path / "out")
    conflicts = [
        {
            row["path"]: {row["expected"], row["seen"]}
            for row in rows
            if row["rule"] == "duplicate-conflict"
        }
        for rows in (before["findings"], after["findings"].to_pylist())
    ]
    assert conflicts[0]["profileId"] == {"kunde-7", "kunde-9"}
    assert conflicts[1]["profileId"] == {hashed("kunde-7"), hashed("kunde-9")}
    assert conflicts[1]["attributes.Email"] == {hashed('"a@b.de"'), hashed('"x@y.de"')}
    assert conflicts[1]["attributes.Channel"] == {'"web"', '"app"'}
    digests = [row["digest"] for row in before["snapshots"]]
    assert sorted(after["snapshots"]["digest"].to_pylist()) == sorted(map(hashed, digests))


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ((KEY, NAMES), (OTHER_KEY, NAMES), "made with another key"),
        ((KEY, NAMES), (None, []), "has pseudonyms in this store, and no key was given"),
        ((None, []), (KEY, []), "as it came, and a key was given"),
        ((KEY, ["Email"]), (KEY, []), "the attributes .* are: Email"),
        ((KEY, []), (KEY, ["Email"]), "the attributes .* are: -"),
    ],
)
def test_another_key_than_before_is_refused(
    path: Path, first: Any, then: Any, message: str
) -> None:
    load(path, DOC, key=first[0], names=first[1])
    with pytest.raises(StoreError, match=message):
        load(path, RESPONSE, key=then[0], names=then[1])
    assert len(tables(path)["sessions"]) == 1
    load(path, RESPONSE, key=then[0], names=then[1], another_key=True)
    assert len(tables(path)["sessions"]) == 2


def test_the_key_and_attributes_of_a_first_load_are_free_and_bind_the_next(path: Path) -> None:
    with Store(path):
        pass
    load(path, DOC, RESPONSE)
    load(path, DOC, names=list(reversed(NAMES)))
    with Store.open_readonly(path) as store:
        terms = store.connection().sql("from kept.pseudonyms").fetchall()
    assert len(terms) == 1
    assert terms[0][2] == sorted(NAMES)
    assert KEY not in str(terms)


def test_the_same_bytes_with_the_same_key_are_known(path: Path) -> None:
    load(path, DOC)
    with Store(path) as store:
        again = store.load(
            named("0.json", dump(DOC)), pseudonymise=KEY, pseudonymise_attributes=NAMES
        )
    assert (again.new, again.changed, again.rejected) == (0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pseudonymise": "too short"}, "a key of at least 16 characters"),
        ({"pseudonymise": b""}, "a key of at least 16 characters"),
        ({"pseudonymise": 12345678901234567890}, "a key of at least 16 characters"),
        ({"pseudonymise": KEY, "pseudonymise_attributes": "Email"}, "a list of names"),
        ({"pseudonymise_attributes": ["Email"]}, "needs a key"),
    ],
)
def test_what_cannot_be_a_key_is_refused(
    path: Path, tmp_path: Path, arguments: Any, message: str
) -> None:
    with Store(path) as store:
        with pytest.raises(UsageError, match=message) as told:
            store.load(named("a.json", dump(DOC)), **arguments)
        assert "too short" not in str(told.value)
        with pytest.raises(UsageError, match=message):
            store.export(tmp_path / "out", **arguments)
