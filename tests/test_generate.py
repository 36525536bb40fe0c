"""`generate`: the same seed gives the same bytes, every shape occurs, and all of it can be read."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sessionkit.errors import UsageError
from sessionkit.generate import generate
from sessionkit.generate.facts import plain
from sessionkit.generate.telling import DIALECTS
from tests.generated import answers_of, bytes_by_name, sessions_in, unpacked

PASCAL = "csharp_pascal"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("clean"), sessions=900, seed=5)


def folder_of(dialect: str) -> str:
    return "dumps_csharp" if dialect == "csharp_omits_zeros" else "dumps"


def files_of(out: Path, dialect: str) -> list[str]:
    answers = answers_of(out)
    if dialect == "csharp_omits_zeros":
        answers = answers["dumps_csharp"]
    return [name for name, about in answers["files"].items() if about["dialect"] == dialect]


def all_sessions(out: Path, dialect: str) -> list[dict[str, Any]]:
    folder = out / folder_of(dialect)
    return [
        session for name in files_of(out, dialect) for session in sessions_in(folder, name, dialect)
    ]


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first = generate(tmp_path / "a", sessions=150, seed=3, defects=True)
    second = generate(tmp_path / "b", sessions=150, seed=3, defects=True)
    assert bytes_by_name(first) == bytes_by_name(second)


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    first = bytes_by_name(generate(tmp_path / "a", sessions=60, seed=3))
    second = bytes_by_name(generate(tmp_path / "b", sessions=60, seed=4))
    assert not {n for n in first.keys() & second.keys() if first[n] == second[n]}


def test_compressed_files_hold_no_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bytes_by_name(generate(tmp_path / "a", sessions=120, seed=3))
    monkeypatch.setattr(time, "time", lambda: 1e9)
    second = bytes_by_name(generate(tmp_path / "b", sessions=120, seed=3))
    assert first == second


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_file_is_read_by_the_standard_library(clean: Path, dialect: str) -> None:
    answers = answers_of(clean)
    if dialect == "csharp_omits_zeros":
        answers = answers["dumps_csharp"]
    assert files_of(clean, dialect)
    for name in files_of(clean, dialect):
        found = sessions_in(clean / folder_of(dialect), name, dialect)
        assert len(found) == answers["files"][name]["records"] > 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_alone_gives_just_that_dialect(tmp_path: Path, dialect: str) -> None:
    answers = answers_of(generate(tmp_path, sessions=40, seed=1, dialects=[dialect]))
    if dialect == "csharp_omits_zeros":
        answers = answers["dumps_csharp"]
    assert {about["dialect"] for about in answers["files"].values()} == {dialect}
    assert answers["sessions"] == 40


def test_every_container_and_compression_occurs(clean: Path) -> None:
    starts = {path.read_bytes()[:4] for path in (clean / "dumps").rglob("*") if path.is_file()}
    magics = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zX", b"PK\x03\x04", b"\xef\xbb\xbf"]
    for magic in magics:
        assert any(start.startswith(magic) for start in starts), magic
    dumps = clean / "dumps"
    assert json.loads((dumps / "v1_session/one.json").read_bytes())["integrationId"]
    assert (dumps / "v1_session/array.json").read_bytes().startswith(b'[{"')
    assert (dumps / "v1_session/pretty.json").read_bytes().startswith(b"[\n  {\n    ")
    assert b"\n}{\n" in (dumps / "v1_session/joined.json").read_bytes()
    windows = (dumps / "v1_session/windows.jsonl").read_bytes()
    assert windows.startswith(b"\xef\xbb\xbf{")
    assert windows.endswith(b"}\r\n")
    assert windows.count(b"\n") == windows.count(b"\r\n") == len(windows.splitlines())
    rows = (dumps / "csv_export/270_export_2026-01.csv").read_bytes()
    assert rows.startswith(b"\xef\xbb\xbfid,firstsession,")
    assert b"\r\n" in rows


def test_list_pages_end_with_one_that_says_so(clean: Path) -> None:
    lines = unpacked(clean / "dumps", "session_list/pages.jsonl").splitlines()
    pages = [json.loads(line) for line in lines]
    assert [page["hasMore"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert len(pages) > 1
    assert {session["totalDiscounts"] for page in pages for session in page["data"]} == {0}


def test_the_csv_export_is_written_as_talon_one_writes_it(clean: Path) -> None:
    rows = all_sessions(clean, "csv_export")
    assert all(len(row) == 20 for row in rows)
    assert {row["profileid"] for row in rows if not row["profileintegrationid"]} == {"0"}
    assert {row["closedat"] for row in rows if row["state"] == "open"} == {"0001-01-01T00:00:00Z"}
    assert all("." not in row["created"] + row["updated"] for row in rows)
    assert "null" in {row["identifiers"] for row in rows}
    assert '{"ShippingCost": {"price": 50}}' in {row["additional_costs"] for row in rows}
    assert all(len(row["total"].partition(".")[2]) >= 2 for row in rows)
    text = unpacked(clean / "dumps", "csv_export/270_export_2026-02.csv").decode()
    assert ',"null",' in text


def test_v2_totals_are_items_and_all_costs(clean: Path) -> None:
    for session in all_sessions(clean, "v2_session") + all_sessions(clean, "v2_response"):
        parts = ("cartItemTotal", "additionalCostTotal", "cartItemAdditionalCostTotal")
        assert session["total"] == sum(Decimal(session[part]) for part in parts)
        assert "discounts" not in session


def test_sdk_dumps_are_written_as_each_sdk_writes_them(clean: Path) -> None:
    python = all_sessions(clean, "python_sdk")
    assert all(session["created"].endswith("+00:00") for session in python)
    assert all(" " in session["created"] for session in python)
    assert None in {
        session["identifiers"] if session["identifiers"] is None else 0 for session in python
    }
    pascal = all_sessions(clean, PASCAL)
    assert {session["State"] for session in pascal} >= {"Open", "Closed", "Cancelled"}
    assert all(len(session["Created"]) == len("2026-01-01T00:00:00.0000000Z") for session in pascal)
    zeros = all_sessions(clean, "csharp_omits_zeros")
    assert not any(session.get("firstSession") is False for session in zeros)
    lines = [line for session in zeros for line in session["cartItems"]]
    assert not any(line.get("returnedQuantity") == 0 for line in lines)
    assert all("position" in line and "price" in line for line in lines)


def test_the_world_is_a_shop_s_world(clean: Path) -> None:
    answers = answers_of(clean)
    assert set(answers["states_by_application"]) == {"270", "322", "415"}
    assert all(answers["states"].values())
    assert answers["repeats"]
    assert answers["older"]
    assert answers["tables"]["item_prices"]
    assert answers["tables"]["additional_costs"]
    yen = answers["totals"]["415"]["all"]
    assert all("." not in yen[name] for name in ("gross_total", "items_total", "discount_total"))
    labels = set(answers["discounts"]["270"])
    assert {"Döner-Dienstag", "”Interactive”", "Deal #2", "10% off per item#0"} <= labels
    profiles = [s["profileId"] for s in all_sessions(clean, "v1_session")]
    assert len(set(profiles)) < len(profiles) * 0.8, "customers come back"
    assert "" in profiles


def test_created_updated_and_closing_times_agree(clean: Path) -> None:
    for row in all_sessions(clean, "csv_export"):
        assert "2026-01-01" <= row["created"] <= row["updated"] < "2026-05-01"
        never = "0001-01-01T00:00:00Z"
        assert (row["closedat"] == never) or row["created"] <= row["closedat"] <= row["updated"]
        assert (row["cancelledat"] != never) == (row["state"] == "cancelled")
        assert row["state"] not in ("closed", "partially_returned") or row["closedat"] != never


def test_an_integration_id_occurs_in_two_applications(clean: Path) -> None:
    keys = {(s["applicationId"], s["integrationId"]) for s in all_sessions(clean, "single_session")}
    keys |= {(s["applicationId"], s["integrationId"]) for s in all_sessions(clean, "v1_session")}
    keys |= {(s["applicationId"], s["integrationId"]) for s in all_sessions(clean, "v2_session")}
    names = [name for _, name in keys]
    assert len(set(names)) < len(names)


def test_prices_and_discounts_have_long_fractions(clean: Path) -> None:
    text = unpacked(clean / "dumps", "v1_session/sessions.jsonl").decode()
    assert "333333333333336" in text
    values = [v for s in all_sessions(clean, "v1_session") for v in s["discounts"].values()]
    assert any(len(plain(Decimal(value)).partition(".")[2]) > 12 for value in values)


def test_unknown_dialects_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'v1_session'"):
        generate(tmp_path, dialects=["v1_sesion"])
    with pytest.raises(UsageError, match="at least one"):
        generate(tmp_path, dialects=[])


def test_dumps_of_an_earlier_run_are_not_mixed_with_new_ones(tmp_path: Path) -> None:
    generate(tmp_path, sessions=2, dialects=["v1_session"])
    with pytest.raises(UsageError, match="not empty"):
        generate(tmp_path, sessions=2, dialects="singer")
    with pytest.raises(UsageError, match="at least 1"):
        generate(tmp_path / "new", sessions=0)


def test_an_interrupt_while_answers_are_written_leaves_no_dumps_without_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_bytes

    def interrupted(path: Path, data: bytes) -> None:
        answers = path.name == "answers.json"
        written(path, data[: len(data) // 2] if answers else data)
        if answers:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            generate(tmp_path, sessions=3)
    assert list(tmp_path.iterdir()) == []
    assert (generate(tmp_path, sessions=3) / "answers.json").is_file()


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_a_handful_of_sessions_is_enough(tmp_path: Path, count: int) -> None:
    answers = answers_of(generate(tmp_path, sessions=count, seed=1))
    assert answers["sessions"] + answers["dumps_csharp"]["sessions"] == count
    assert answers["rejects"] == 0
    assert answers["planted"] == []
