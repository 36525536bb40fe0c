"""Bad records that `generate` plants: every kind, each with the reasons to reject it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sessionkit.errors import REASONS
from sessionkit.generate import generate
from sessionkit.generate.defects import DEFECTS, kinds_for
from sessionkit.generate.effect_files import BAD
from sessionkit.generate.telling import DIALECTS, NAMES
from tests.generated import answers_of, unpacked

UNPLANTED = {"rule-broken"}
"""No record breaks just a column's rule: what could is told more precisely by another code."""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("spoilt"), sessions=800, seed=6, defects=True)


def planted_in(out: Path) -> list[dict[str, Any]]:
    answers = answers_of(out)
    rows: list[dict[str, Any]] = answers["planted"] + answers["dumps_csharp"]["planted"]
    return rows


def line_of(out: Path, kind: str, file: str) -> bytes:
    row = next(r for r in planted_in(out) if r["kind"] == kind and r["file"] == file)
    lines = unpacked(out / "dumps", file).split(b"\n")
    return lines[int(row["record"]) - 1]


def test_every_reason_code_is_planted(spoilt: Path) -> None:
    codes = {code for row in planted_in(spoilt) for code in row["codes"]}
    assert codes == set(REASONS) - UNPLANTED


def test_every_kind_is_planted_in_every_dialect_that_can_have_it(spoilt: Path) -> None:
    answers = answers_of(spoilt)
    files = answers["files"] | answers["dumps_csharp"]["files"]
    met: dict[str, set[str]] = {dialect: set() for dialect in NAMES}
    for row in planted_in(spoilt):
        met[files[row["file"]]["dialect"]].add(row["kind"])
    for dialect in DIALECTS:
        wanted = {
            d.kind for d in kinds_for(dialect) if not (d.broken and dialect == "session_list")
        }
        assert met[dialect] >= wanted, dialect
    assert {defect.kind for defect in DEFECTS} <= set().union(*met.values())
    assert met["effects_export"] == {bad.kind for bad in BAD}


def test_bad_records_stand_beside_good_ones(spoilt: Path) -> None:
    files = answers_of(spoilt)["files"]
    for row in planted_in(spoilt):
        about = files.get(row["file"])
        assert about is None or about["current"] + about["effects"] > 0, row


def test_two_faults_are_two_reasons(spoilt: Path) -> None:
    rows = [row for row in planted_in(spoilt) if row["kind"] == "two-faults"]
    assert rows
    assert {tuple(row["codes"]) for row in rows} == {("out-of-range", "wrong-type")}


def test_planted_records_stand_where_the_answers_say(spoilt: Path) -> None:
    nameless = {"newer-and-bad", "no-session", "missing-integration-id"}
    for main, dialect in (
        ("v1_session/sessions.jsonl", "v1_session"),
        ("python_sdk/sessions.jsonl", "python_sdk"),
        ("singer/tap.jsonl", "singer"),
    ):
        lines = unpacked(spoilt / "dumps", main).split(b"\n")
        rows = [row for row in planted_in(spoilt) if row["file"] == main]
        assert len(rows) > len(nameless)
        for row in rows:
            name = f"planted-{dialect}-{row['kind']}".encode()
            assert name in lines[row["record"] - 1] or row["kind"] in nameless


def test_what_no_json_library_writes_is_written(spoilt: Path) -> None:
    file = "single_session/fetched.ndjson"
    assert b'"price":NaN' in line_of(spoilt, "nan", file)
    assert b'"price":-Infinity' in line_of(spoilt, "infinity", file)
    assert rb"\ud83d" in line_of(spoilt, "half-surrogate", file)
    assert b"[" * 500 in line_of(spoilt, "too-deep", file)
    with pytest.raises(UnicodeDecodeError):
        line_of(spoilt, "not-utf-8", file).decode()
    assert line_of(spoilt, "doubled-member", file).count(b'"created":') == 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(line_of(spoilt, "cut-line", file))
    other = json.loads(line_of(spoilt, "no-session", file))
    assert set(other) == {"hello", "orders"}


def test_files_break_off(spoilt: Path) -> None:
    dumps = spoilt / "dumps"
    with pytest.raises(EOFError):
        gzip.decompress((dumps / "v1_session/cut.jsonl.gz").read_bytes())
    with pytest.raises(json.JSONDecodeError):
        json.loads((dumps / "v1_session/cut_array.json").read_bytes())
    assert (dumps / "csv_export/cut_quote.csv").read_bytes().endswith(b"swallowed\n")
    broken = [row for row in planted_in(spoilt) if row["codes"] == ["broken-container"]]
    assert len(broken) == 3
    files = answers_of(spoilt)["files"]
    assert all(files[row["file"]]["records"] == row["record"] for row in broken)


def test_odd_sessions_stay_in(spoilt: Path) -> None:
    doubts = answers_of(spoilt)["doubts"]
    assert {row["rule"] for row in doubts} == {
        "closed-without-time",
        "empty-sku",
        "missing-price",
        "missing-total",
        "money-rounded",
        "negative-discount",
        "negative-price",
        "returned-exceeds-quantity",
        "unknown-member",
    }
    planted = {(row["file"], row["record"]) for row in planted_in(spoilt)}
    assert not planted & {(row["file"], row["record"]) for row in doubts}


def test_unknown_totals_and_prices_are_not_counted(spoilt: Path) -> None:
    figures = [populations["all"] for populations in answers_of(spoilt)["totals"].values()]
    sessions = sum(one["session_count"] for one in figures)
    assert sum(one["total_known_count"] for one in figures) < sessions
    assert sum(one["priced_count"] for one in figures) < sessions


def test_a_bad_newer_record_leaves_the_session_as_it_was(spoilt: Path) -> None:
    row = next(row for row in planted_in(spoilt) if row["kind"] == "newer-and-bad")
    lines = unpacked(spoilt / "dumps", row["file"]).split(b"\n")
    bad = json.loads(lines[row["record"] - 1])
    name = json.dumps(bad["integrationId"], ensure_ascii=False).encode()
    same = [json.loads(line) for line in lines if b'"integrationId":' + name in line]
    assert [one["updated"] < bad["updated"] for one in same].count(True) == len(same) - 1 == 1


def test_without_defects_there_is_none(tmp_path: Path) -> None:
    answers = answers_of(generate(tmp_path, sessions=300, seed=6))
    assert answers["rejects"] == 0
    assert answers["planted"] == answers["doubts"] == []
    assert not any("cut" in name for name in answers["files"])
