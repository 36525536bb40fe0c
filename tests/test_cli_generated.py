"""The whole way, by commands alone: generate, flatten, ask; the answers are those written down."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sessionkit.cli import main

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "up"
    ended = CliRunner().invoke(
        main, ["generate", "-o", str(out), "--sessions", "600", "--seed", "11", "--defects"]
    )
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "answers.json" in ended.stderr
    return out


@pytest.fixture(scope="module", params=["dumps", "dumps_csharp"])
def told(request: pytest.FixtureRequest, made: Path) -> tuple[dict[str, Any], Path]:
    """The answers about one folder of dumps, and the folder that flatten makes of it."""
    answers = json.loads((made / "answers.json").read_text(encoding="utf-8"))
    folder = made / f"{request.param}_flat"
    named = ["--dialect", "csharp_v1"] if request.param == "dumps_csharp" else []
    ended = CliRunner().invoke(
        main, ["flatten", str(made / request.param), "-o", str(folder), *named]
    )
    assert ended.exit_code == 1, ended.stderr
    return answers.get(request.param, answers), folder


def ask(folder: Path, *command: str) -> Rows:
    ended = CliRunner().invoke(
        main, [command[0], str(folder), *command[1:], "--format", "json", "-q"]
    )
    assert ended.exit_code == 0, ended.stderr
    rows: Rows = json.loads(ended.stdout)
    return rows


def test_every_record_ends_where_it_must(told: tuple[dict[str, Any], Path]) -> None:
    answers, folder = told
    counted = ("records", "sessions", "repeats", "older", "effects", "rejects")
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in counted)
    (row,) = ask(folder, "sql", f"select {sums} from loads")
    assert row == {name: answers[name] for name in counted}
    for table, count in answers["tables"].items():
        assert ask(folder, "sql", f"select count(*) as n from {table}") == [{"n": count}], table


def test_totals_are_right_to_the_last_digit(told: tuple[dict[str, Any], Path]) -> None:
    answers, folder = told
    for population in ("all", "completed"):
        rows = ask(folder, "totals", "--by", "application_id", "--population", population)
        found = {str(row["application_id"]): row for row in rows}
        expected = {
            application: figures[population] for application, figures in answers["totals"].items()
        }
        assert found.keys() == {name for name, one in expected.items() if one["session_count"]}
        for application, row in found.items():
            figures = expected[application]
            assert {name: row[name] for name in figures} == figures, (application, population)


def test_months_are_right_to_the_last_digit(told: tuple[dict[str, Any], Path]) -> None:
    answers, folder = told
    for row in ask(folder, "totals", "--by", "application_id,month"):
        figures = answers["totals_by_month"][str(row["application_id"])][row["month"]]
        assert {name: row[name] for name in figures} == figures


def test_states_are_right(told: tuple[dict[str, Any], Path]) -> None:
    answers, folder = told
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in ask(folder, "states", "--by", "application_id"):
        found[str(row["application_id"])][row["state"]] = row["session_count"]
    assert found == answers["states_by_application"]


def test_discounts_are_right_to_the_last_digit(told: tuple[dict[str, Any], Path]) -> None:
    answers, folder = told
    rows = ask(folder, "discount-summary", "--by", "application_id,label")
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        if row["label"] is not None:
            found[str(row["application_id"])][row["label"]] = row
    assert {name: set(labels) for name, labels in found.items()} == {
        name: set(labels) for name, labels in answers["discounts"].items() if labels
    }
    for application, labels in found.items():
        for label, row in labels.items():
            figures = answers["discounts"][application][label]
            assert {name: row[name] for name in figures} == figures, (application, label)


def test_every_planted_defect_is_rejected_for_its_reasons(made: Path) -> None:
    answers = json.loads((made / "answers.json").read_text(encoding="utf-8"))
    query = """
        select source_file, source_record, list_transform(reasons, lambda one: one.code) as codes
        from rejects
    """
    found = {_place(row, made): set(row["codes"]) for row in _rows(made, query)}
    for planted in answers["planted"]:
        assert set(planted["codes"]) <= found[planted["file"], planted["record"]], planted
    assert len(found) == answers["rejects"]


def test_every_kind_of_doubt_that_was_planted_is_found(made: Path) -> None:
    answers = json.loads((made / "answers.json").read_text(encoding="utf-8"))
    found = {row["rule"] for row in _rows(made, "select distinct rule from findings")}
    planted = {one["rule"] for one in answers["doubts"]}
    assert len(planted) > 5
    assert planted <= found


def _rows(made: Path, query: str) -> Rows:
    ended = CliRunner().invoke(main, ["sql", str(made / "dumps"), query, "--format", "json", "-q"])
    assert ended.exit_code == 1
    rows: Rows = json.loads(ended.stdout)
    return rows


def _place(row: dict[str, Any], made: Path) -> tuple[str, int]:
    file = Path(row["source_file"]).relative_to(made / "dumps").as_posix()
    return file, row["source_record"]
