"""The command line: what each command prints where, and the status that it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from sessionkit import questions
from sessionkit.cli import main
from sessionkit.reading import read
from tests.literal_dumps import BROKEN, CLOSED, THREE, write_lines


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)


def shell(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "sessionkit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Three good sessions."""
    return write_lines(tmp_path / "three.jsonl", *THREE)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A good session and one that cannot be taken in."""
    return write_lines(tmp_path / "faulty.jsonl", CLOSED, BROKEN)


# ---- exit statuses


def test_all_is_well(dump: Path) -> None:
    ended = run("totals", dump)
    assert ended.exit_code == 0
    assert "3 records = 3 sessions + 0 repeats + 0 older + 0 rejects" in ended.stderr


@pytest.mark.parametrize("command", ["totals", "states", "outcomes", "funnel", "discount-summary"])
def test_a_reject_gives_status_1_and_an_answer_all_the_same(command: str, faulty: Path) -> None:
    ended = run(command, faulty, "--format", "json")
    assert ended.exit_code == 1
    assert isinstance(json.loads(ended.stdout), list)
    assert "  wrong-type      1  " in ended.stderr
    assert "faulty.jsonl, record 2: " in ended.stderr
    assert "1 record was rejected; --allow-rejects 1 would let that pass." in ended.stderr


def test_allowed_rejects_give_status_0(faulty: Path) -> None:
    assert run("totals", faulty, "--allow-rejects", "1").exit_code == 0


def test_quiet_says_only_what_the_status_needs(faulty: Path, dump: Path) -> None:
    assert run("totals", dump, "-q").stderr == ""
    ended = run("totals", faulty, "-q")
    assert ended.stderr == "1 record was rejected; --allow-rejects 1 would let that pass.\n"


def test_a_file_that_cannot_be_read_beside_one_that_can_gives_status_1(
    dump: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.json"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    ended = run("totals", dump, picture)
    assert ended.exit_code == 1
    assert "1 file was not readable." in ended.stderr
    assert "picture.json" in ended.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jsonl", b""),
        ("picture.json", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("text.txt", b"class CustomerSession {\n  IntegrationId: S-1\n}\n"),
    ],
)
def test_nothing_readable_gives_status_2_and_one_message(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    ended = run("totals", tmp_path / name)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert name in ended.stderr
    assert ended.stderr.startswith("Error: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_folder_without_dumps_gives_status_2(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("nothing")
    ended = run("report", tmp_path, "-o", tmp_path / "report.html")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("Error: ")
    assert not (tmp_path / "report.html").exists()


def test_a_missing_file_gives_status_2(tmp_path: Path) -> None:
    ended = run("totals", tmp_path / "no.jsonl")
    assert ended.exit_code == 2
    assert "no.jsonl" in ended.stderr


def test_a_valid_dump_without_a_session_gives_status_0_and_a_message(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text('{"hasMore": false, "data": []}')
    ended = run("totals", tmp_path / "empty.json", "--format", "json", "-q")
    assert ended.exit_code == 0
    assert "There is no session in what was read." in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["totals"], "Missing argument 'SOURCE...'"),
        (["totlas", "x"], "totals"),
        (["totals", "x", "--populaton", "all"], "--population"),
        (["totals", "x", "--format", "xml"], "'xml' is not one of"),
        (["totals", "x", "--where", "state"], "expected DIMENSION=VALUE,..."),
        (["totals", "x", "--empty-discounts", "zero"], "expected APPLICATION=VALUE"),
        (["totals", "x", "--allow-rejects", "-1"], "--allow-rejects"),
        (["totals", "x", "--currency", "a=EUR"], "expected APPLICATION=VALUE"),
    ],
)
def test_wrong_usage_gives_status_2_and_says_what_is_wrong(arguments: list[str], said: str) -> None:
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stdout == ""


def test_one_currency_for_all_and_one_for_an_application_contradict_each_other(
    dump: Path,
) -> None:
    ended = run("totals", dump, "--currency", "EUR", "--currency", "270=USD")
    assert ended.exit_code == 2
    assert "--currency" in ended.stderr


def test_an_unknown_dimension_is_told_with_those_there_are(dump: Path) -> None:
    ended = run("totals", dump, "--by", "mnth")
    assert ended.exit_code == 2
    assert "'mnth'" in ended.stderr
    assert "Did you mean 'month'?" in ended.stderr
    assert "customer_type" in ended.stderr
    assert ended.stdout == ""


def test_an_unknown_dialect_is_told_with_those_there_are(dump: Path) -> None:
    ended = run("totals", dump, "--dialect", "csv")
    assert ended.exit_code == 2
    assert "csv_export" in ended.stderr


def test_a_folder_that_is_not_there_is_told_before_the_work(dump: Path, tmp_path: Path) -> None:
    for arguments in (
        ["totals", dump, "-o", tmp_path / "no" / "t.csv"],
        ["report", dump, "-o", tmp_path / "no" / "r.html"],
    ):
        ended = run(*arguments)
        assert ended.exit_code == 2
        assert "there is no folder" in ended.stderr
        assert "records" not in ended.stderr + ended.stdout


def test_a_full_disk_gives_one_message_and_status_2(dump: Path) -> None:
    command = [sys.executable, "-m", "sessionkit", "totals", str(dump), "-q", "--format", "json"]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "Error: No space left on device\n"


def test_a_reader_that_has_enough_is_no_fault(dump: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sessionkit", "totals", str(dump), "-q", "--format", "json"]
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_an_interrupt_gives_status_130_without_a_traceback(
    dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sessionkit.cli.opening.read_dumps", interrupted)
    ended = run("totals", dump)
    assert ended.exit_code == 130
    assert ended.stderr == "Stopped.\n"


# ---- what is printed where


def test_json_is_one_array_and_nothing_else_on_standard_output(dump: Path) -> None:
    ended = shell("totals", dump, "--population", "all", "--format", "json")
    assert ended.returncode == 0
    assert "3 sessions" in ended.stderr
    (row,) = json.loads(ended.stdout)
    assert (row["session_count"], row["gross_total"]) == (3, "127.6")


def test_json_is_what_python_answers(dump: Path) -> None:
    ended = run(
        "totals",
        dump,
        "--by",
        "month",
        "--by",
        "state",
        "--population",
        "all",
        "--format",
        "json",
        "-q",
    )
    answer = questions.totals(read(dump), by=["month", "state"], population="all")
    assert ended.stdout == answer.to_json() + "\n"
    assert [(row["month"], row["state"]) for row in json.loads(ended.stdout)] == [
        ("2026-01-01", "closed"),
        ("2026-02-01", "cancelled"),
        ("2026-02-01", "open"),
    ]


def test_options_reach_the_question(dump: Path) -> None:
    def count(*options: str) -> int:
        ended = run("totals", dump, "--format", "json", "-q", "--population", "all", *options)
        assert ended.exit_code == 0, ended.stderr
        return sum(row["session_count"] for row in json.loads(ended.stdout))

    assert count("--where", "state=open,cancelled") == 2
    assert count("--where", "state=open", "--where", "application_id=270") == 1
    assert count("--where", "state=open", "--where", "application_id=271") == 0
    assert count("--where", "store_id=") == 3
    assert count("--since", "2026-02-01") == 2
    assert count("--until", "2026-02-01") == 1
    assert count("--population", "open,cancelled") == 2
    assert count("--time-basis", "updated", "--since", "2026-02-03") == 1


def test_an_answer_can_have_fewer_columns(dump: Path) -> None:
    columns = ("--columns", "gross_total, state", "--columns", "session_count")
    [first] = json.loads(
        run("totals", dump, "--format", "json", "-q", *columns, "--by", "state").stdout
    )
    assert list(first) == ["gross_total", "state", "session_count"]
    ended = run("totals", dump, "--columns", "gross")
    assert ended.exit_code == 2
    assert "unknown column 'gross'. Did you mean 'gross_total'?" in ended.stderr


def test_csv_says_how_many_cells_a_spreadsheet_would_have_run(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "one.jsonl", CLOSED | {"storeIntegrationId": "=1+1"})
    ended = run("totals", dump, "--by", "store_id", "--columns", "store_id", "--format", "csv")
    assert ended.stdout == "store_id\n'=1+1\n"
    assert "note: 1 cell begins with an apostrophe now; a spreadsheet" in ended.stderr
    assert "apostrophe" not in run("totals", dump, "--format", "csv").stderr


def test_the_options_of_one_question_reach_it(dump: Path) -> None:
    ended = run("outcomes", dump, "--timeout", "1d", "--format", "json", "-q")
    rows = {row["outcome"]: row["session_count"] for row in json.loads(ended.stdout)}
    assert (rows["idle"], rows["in_progress"]) == (1, 0)
    ended = run("funnel", dump, "--window", "1h", "--format", "json", "-q")
    assert json.loads(ended.stdout)[1]["matured"] == 3


def test_a_currency_of_all_or_of_each_is_taken(dump: Path) -> None:
    for given in ("EUR", "270=EUR"):
        ended = run(
            "totals", dump, "--currency", given, "--format", "json", "-q", "--by", "currency"
        )
        assert ended.exit_code == 0, ended.stderr
        assert [row["currency"] for row in json.loads(ended.stdout)] == ["EUR"]


def test_the_name_of_the_file_tells_the_format(dump: Path, tmp_path: Path) -> None:
    for name in ("t.json", "t.csv", "t.parquet", "t.txt"):
        ended = run("states", dump, "-o", tmp_path / name)
        assert (ended.exit_code, ended.stdout) == (0, "")
        assert f"written: {tmp_path / name}" in ended.stderr
    assert len(json.loads((tmp_path / "t.json").read_text())) == 4
    assert (tmp_path / "t.csv").read_text().startswith("state,session_count,")
    assert pq.read_table(tmp_path / "t.parquet")["session_count"].to_pylist() == [1, 1, 0, 1]
    assert "partially_returned" in (tmp_path / "t.txt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "t.csv",
        "t.json",
        "t.parquet",
        "t.txt",
        "three.jsonl",
    ]


def test_parquet_goes_to_a_pipe(dump: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sessionkit", "states", str(dump), "-q", "--format", "parquet"]
    ended = subprocess.run(command, capture_output=True, check=True)
    (tmp_path / "t.parquet").write_bytes(ended.stdout)
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 4


def test_control_characters_of_the_data_do_not_reach_the_terminal(tmp_path: Path) -> None:
    nasty = CLOSED | {"discounts": {"\u001b[31mred\u0007": 1}, "integrationId": "S\u001b]0;x\u0007"}
    dump = write_lines(tmp_path / "nasty\u0007.jsonl", nasty, nasty | {"created": "\u001b[2J"})
    for command in (["discount-summary"], ["check"], ["report", "-o", tmp_path / "page.html"]):
        ended = run(*command, dump)
        assert ended.exit_code == 1
        assert "\x1b" not in ended.output
        assert "\x07" not in ended.output


def test_another_encoding_costs_letters_and_nothing_else(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "d.jsonl", CLOSED | {"discounts": {"Käse – 10%": 1}})
    surroundings = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    ended = shell("discount-summary", dump, env=surroundings, encoding="latin-1")
    assert ended.returncode == 0, ended.stderr
    assert "Käse ? 10%" in ended.stdout
    ended = shell("discount-summary", dump, "--format", "json", env=surroundings, encoding="utf-8")
    assert json.loads(ended.stdout)[0]["label"] == "Käse – 10%"


def test_standard_input_is_a_source(dump: Path) -> None:
    ended = run(
        "totals", "-", "--population", "all", "--format", "json", "-q", stdin=dump.read_bytes()
    )
    assert json.loads(ended.stdout)[0]["session_count"] == 3


def test_a_file_whose_name_is_no_text_is_read(dump: Path, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    dump.rename(strange)
    ended = shell("check", strange)
    assert ended.returncode == 0, ended.stderr
    assert "3 records = 3 sessions" in ended.stdout


def test_an_argument_that_is_no_text_gives_status_2_without_a_traceback(
    dump: Path, tmp_path: Path
) -> None:
    ended = shell("report", dump, "-o", tmp_path / "p.html", "--title", os.fsdecode(b"caf\xe9"))
    assert ended.returncode == 2
    assert "no text in UTF-8" in ended.stderr
    assert "Traceback" not in ended.stderr


# ---- the other commands


def test_report_shows_a_summary_and_writes_the_page(faulty: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ended = run("report", faulty, "-o", page, "--title", "Tea & more", "--currency", "EUR")
    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[:3] == [
        "1 file read",
        "2 records = 1 session + 0 repeats + 0 older + 1 reject",
        "rejected, by reason:",
    ]
    assert ended.stdout.splitlines()[-1] == f"written: {page}"
    assert "Tea &amp; more</h1>" in page.read_text(encoding="utf-8")


def test_flatten_writes_a_folder_that_other_commands_open(faulty: Path, tmp_path: Path) -> None:
    ended = run("flatten", faulty, "-o", tmp_path / "out")
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert f"written: {tmp_path / 'out'}" in ended.stderr
    direct = run("totals", faulty, "--format", "json")
    opened = run("totals", tmp_path / "out", "--format", "json")
    assert opened.exit_code == 0
    assert opened.stdout == direct.stdout
    page = run("report", tmp_path / "out", "-o", tmp_path / "page.html")
    assert page.exit_code == 0
    assert "1 reject" in page.stdout


def test_flatten_does_not_take_its_own_folder(dump: Path, tmp_path: Path) -> None:
    run("flatten", dump, "-o", tmp_path / "out")
    ended = run("flatten", tmp_path / "out", "-o", tmp_path / "again")
    assert ended.exit_code == 2
    assert "flatten wrote this folder" in ended.stderr


def test_a_flattened_folder_stands_alone(dump: Path, tmp_path: Path) -> None:
    run("flatten", dump, "-o", tmp_path / "out")
    ended = run("totals", tmp_path / "out", dump)
    assert ended.exit_code == 2
    assert "is opened by itself" in ended.stderr


def test_a_folder_of_csv_tables_is_read_too(dump: Path, tmp_path: Path) -> None:
    run("flatten", dump, "-o", tmp_path / "out", "--format", "csv")
    direct = run("totals", dump, "--format", "json")
    assert run("totals", tmp_path / "out", "--format", "json").stdout == direct.stdout


def test_check_tells_rejects_and_findings_and_their_status(faulty: Path) -> None:
    ended = run("check", faulty)
    assert ended.exit_code == 1
    assert "wrong-type: 1 reject; a value is not of the type" in ended.stdout
    assert "faulty.jsonl, record 2: total: expected" in ended.stdout
    assert run("check", faulty, "--allow-rejects", "1").exit_code == 0


def test_check_fails_on_findings_as_grave_as_asked(tmp_path: Path) -> None:
    odd = CLOSED | {"updated": "2026-01-01T00:00:00Z"}
    dump = write_lines(tmp_path / "odd.jsonl", odd)
    assert run("check", dump).exit_code == 0
    assert run("check", dump, "--fail-on", "never").exit_code == 0
    ended = run("check", dump, "--fail-on", "warning")
    assert ended.exit_code == 1
    assert "1 finding at warning or error." in ended.stderr
    assert "updated-before-created (warning): 1 finding; " in ended.stdout
    assert "session S-1 of application 270" in ended.stdout


def test_check_of_a_folder_sees_a_changed_byte(dump: Path, tmp_path: Path) -> None:
    run("flatten", dump, "-o", tmp_path / "out")
    assert run("check", tmp_path / "out").exit_code == 0
    table = tmp_path / "out" / "sessions.parquet"
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)
    ended = run("check", tmp_path / "out")
    assert ended.exit_code == 1
    assert "sessions.parquet: " in ended.stderr


def test_check_of_a_folder_counts_its_rejects(faulty: Path, tmp_path: Path) -> None:
    run("flatten", faulty, "-o", tmp_path / "out")
    ended = run("check", tmp_path / "out")
    assert ended.exit_code == 1
    assert "wrong-type: 1 reject" in ended.stdout


def test_sql_answers_over_dumps_and_folders(dump: Path, tmp_path: Path) -> None:
    run("flatten", dump, "-o", tmp_path / "out")
    query = "select state, sum(total) as total from sessions group by state order by state"
    for source in (dump, tmp_path / "out"):
        ended = run("sql", source, query, "--format", "csv", "-q")
        assert ended.exit_code == 0, ended.stderr
        assert ended.stdout == "state,total\ncancelled,20\nclosed,100.1\nopen,7.5\n"


@pytest.mark.parametrize(
    "query", ["drop table sessions", "select nothing from sessions", "select 1; select 2", "x"]
)
def test_sql_refuses_in_one_line(query: str, dump: Path) -> None:
    ended = run("sql", dump, query, "-q")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: ")
    assert "Traceback" not in ended.stderr
