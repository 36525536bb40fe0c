"""Shapes that are nearly another: none of them may swallow a record."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sessionkit
from sessionkit.errors import FolderError, UsageError
from sessionkit.folder import is_folder
from sessionkit.session_tables import SessionTables
from sessionkit.tables import ALL

SESSION: dict[str, Any] = {
    "integrationId": "S-1",
    "applicationId": 1,
    "created": "2026-01-31T09:05:27Z",
    "total": 10,
}


def read(value: object, **said: Any) -> SessionTables:
    return sessionkit.read(io.BytesIO(json.dumps(value).encode()), **said)


@pytest.mark.parametrize("member", ["customerSession", "session"])
@pytest.mark.parametrize("data", [[], [{"a": 1}]])
def test_a_response_with_data_beside_its_session_is_no_page(member: str, data: list[Any]) -> None:
    tables = read({member: SESSION, "data": data})
    assert tables.sessions["integration_id"].to_pylist() == ["S-1"]
    assert tables.records == 1


def test_effects_with_data_beside_them_are_one_reject() -> None:
    tables = read({"effects": [], "data": []})
    assert (tables.records, tables.rejects.num_rows) == (1, 1)


def test_a_response_on_a_page_is_read_for_its_session() -> None:
    tables = read({"hasMore": False, "data": [{"customerSession": SESSION, "effects": []}]})
    assert tables.sessions["dialect"].to_pylist() == ["v2_response"]


@pytest.mark.parametrize(
    ("dialect", "value"),
    [
        ("csharp_v1", {"session": {**SESSION, "total": None}}),
        ("csharp_v2", {"customerSession": {**SESSION, "total": None}, "effects": []}),
        ("csharp_v1", {**SESSION, "total": None, "profileId": 4, "profileintegrationid": "ada"}),
        ("csharp_v2", {"hasMore": False, "data": [{**SESSION, "total": None, "profileId": 4}]}),
    ],
)
def test_what_csharp_left_out_is_zero_in_every_shape(dialect: str, value: object) -> None:
    tables = read(value, dialect=dialect)
    assert tables.sessions["total"].to_pylist() == [Decimal(0)]


def test_a_sum_of_discounts_does_not_hide_the_labels_that_a_repeat_tells() -> None:
    single = {**SESSION, "discounts": {}, "totalDiscounts": 7, "id": 6}
    listed = {**SESSION, "discounts": {"L": 7}, "totalDiscounts": 7, "id": 6, "profileId": 4}
    tables = read([single, listed])
    assert tables.discounts["label"].to_pylist() == ["L"]
    assert tables.sessions["discount_total"].to_pylist() == [Decimal(7)]
    assert "duplicate-conflict" not in tables.findings["rule"].to_pylist()


@pytest.mark.parametrize("state", [" open", "partially returned", "c-l-o-s-e-d"])
def test_a_state_that_is_only_nearly_spelt_is_a_reject(state: str) -> None:
    tables = read({**SESSION, "state": state})
    assert tables.rejects["reasons"].to_pylist()[0][0]["code"] == "bad-state"


def test_only_the_zero_time_means_never() -> None:
    assert (
        read({**SESSION, "updated": "0001-01-01T00:00:00Z"}).sessions["updated_at"][0].as_py()
        is None
    )
    kept = read({**SESSION, "updated": "0001-06-05T10:00:00Z"}).sessions["updated_at"][0]
    assert str(kept).startswith("0001-06-05")


def test_a_folder_of_tables_inside_a_folder_of_dumps_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(SESSION))
    sessionkit.read(tmp_path).write(tmp_path / "out", format="csv")
    tables = sessionkit.read(tmp_path)
    assert (tables.records, tables.rejects.num_rows) == (1, 0)
    skipped = [row for row in tables.loads.to_pylist() if row["status"] == "skipped"]
    assert {row["message"] for row in skipped} == {"in a folder of tables that sessionkit wrote"}
    assert len(skipped) == len(ALL) + 1  # and the manifest


@pytest.mark.parametrize("format", ["parquet", "csv", "arrow"])
def test_a_folder_that_lost_its_manifest_is_known_to_be_unfinished(
    tmp_path: Path, format: Any
) -> None:
    read(SESSION).write(tmp_path / "out", format=format)
    (tmp_path / "out" / "manifest.json").unlink()
    assert is_folder(tmp_path / "out")
    with pytest.raises(FolderError, match=r"not finished|no Parquet tables"):
        sessionkit.totals(tmp_path / "out")


@pytest.mark.parametrize("population", [[], ["completed", "open"], ""])
def test_a_population_that_is_none_is_an_error_and_not_the_default(population: Any) -> None:
    with pytest.raises(UsageError, match="population"):
        sessionkit.totals(read(SESSION), population=population)


def test_the_note_on_currencies_names_every_one_of_an_application() -> None:
    euro = {**SESSION, "state": "closed", "attributes": {"c": "EUR"}}
    dollar = {**euro, "integrationId": "S-2", "attributes": {"c": "USD"}}
    (note,) = [
        note
        for note in sessionkit.totals(read([euro, dollar]), currencies="attributes.c").notes
        if "joined" in note
    ]
    assert "1 (EUR, USD)." in note
    assert "Name them" not in note


def test_the_page_tells_no_discount_given_from_none_known(tmp_path: Path) -> None:
    given = read({**SESSION, "state": "closed", "discounts": {}})
    unknown = read({**SESSION, "state": "closed", "cartItemTotal": 10})
    assert "No discount was given." in sessionkit.report(given, tmp_path / "a.html").read_text()
    assert "No discount is known." in sessionkit.report(unknown, tmp_path / "b.html").read_text()


def test_an_empty_coupon_code_is_no_coupon() -> None:
    tables = read({**SESSION, "couponCodes": ["C1", ""], "state": "closed"})
    assert tables.coupons["code"].to_pylist() == ["C1"]
    assert tables.sessions["coupon_codes"].to_pylist() == [["C1"]]
