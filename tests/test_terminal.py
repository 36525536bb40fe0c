"""On a terminal: colours, errors of few lines, tables that fit, completion; and in a log."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sessionkit as sk
from sessionkit.cli import main
from sessionkit.dimensions import DIMENSIONS
from tests.asking import source
from tests.literal_dumps import BROKEN, CLOSED, THREE, write_lines

PATIENCE = 120
COMMAND = f"{shlex.quote(sys.executable)} -m sessionkit"


def run(*arguments: str | Path, **env: str) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=env)


def on_terminal(*arguments: str | Path, width: int = 80, **env: str) -> str:
    """Run a command with a terminal for everything; give what was seen."""
    ours, theirs = pty.openpty()
    surroundings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    surroundings |= {"TERM": "xterm", "COLUMNS": str(width), **env}
    command = [sys.executable, "-m", "sessionkit", *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings
    ) as process:
        os.close(theirs)
        seen = b""
        while part := _read(ours):
            seen += part
        process.wait(timeout=PATIENCE)
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how the end of a terminal is told
        return b""


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "three.jsonl", *THREE)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "faulty.jsonl", CLOSED, BROKEN)


RED_ERROR = "\x1b[31m\x1b[1mError\x1b[0m: "


# ---- colours


def test_an_error_is_red_on_a_terminal_and_plain_where_no_colour_is_wanted() -> None:
    assert on_terminal("totals", "gone.jsonl").startswith(RED_ERROR)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        seen = on_terminal("totals", "gone.jsonl", **env)
        assert seen.startswith("Error: ")
        assert "\x1b" not in seen


def test_no_colour_leaves_no_colour_in_a_whole_run(faulty: Path) -> None:
    seen = on_terminal("discount-summary", faulty, NO_COLOR="1")
    assert "2 records" in seen
    assert not re.search(r"\x1b\[[0-9;]*m", seen.replace("\x1b[0m", ""))


def test_a_pipe_gets_no_colour_even_if_forced() -> None:
    command = [sys.executable, "-m", "sessionkit", "totals", "gone.jsonl"]
    forced = os.environ | {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=forced)
    assert ended.stderr.startswith("Error: ")


# ---- errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["funel", "x"], "Did you mean 'funnel'?"),
        (["totals", "x", "--populaton", "all"], "'--population'"),
        (["totals", "{dump}", "--by", "mnth"], "Did you mean 'month'?"),
        (["totals", "{dump}", "--where", "stat=open"], "Did you mean 'state'?"),
        (["totals", "{dump}", "--population", "complete"], "Did you mean 'completed'?"),
        (["totals", "{dump}", "--tz", "Europe/Berln"], "Did you mean 'Europe/Berlin'?"),
        (["totals", "{dump}", "--dialect", "csvexport"], "Did you mean 'csv_export'?"),
        (["sql", "{dump}", "select * from session"], "sessions"),
        (["totals"], "Missing argument"),
        (["totals", "x", "--format", "xml"], "'xml' is not one of"),
        (["totals", "x", "-q", "-v"], "give --quiet or --verbose, not both."),
        (["totals", "x", "-v", "-q"], "give --quiet or --verbose, not both."),
    ],
)
def test_an_error_has_three_lines_at_most_and_says_what_was_meant(
    arguments: list[str], said: str, dump: Path
) -> None:
    ended = run(*(one.format(dump=dump) for one in arguments))
    assert (ended.exit_code, ended.stdout) == (2, "")
    *_, error = ended.stderr.partition("Error: ")
    assert said in error
    assert len(error.splitlines()) <= 3


def test_an_error_of_many_names_is_cut_on_a_terminal(tmp_path: Path) -> None:
    attributes = {f"Attribute{number:03}": "x" for number in range(300)}
    dump = write_lines(tmp_path / "d.jsonl", CLOSED | {"attributes": attributes})
    arguments = ["totals", dump, "-q", "--by", "attributes.Atribute001"]
    seen = on_terminal(*arguments, width=60, NO_COLOR="1").rstrip("\n")
    assert len(seen) == 3 * 60
    assert seen.endswith("…")
    assert "Did you mean 'attributes.Attribute001'?" in seen.replace("\n", "")
    assert "Attribute299" in run(*arguments).stderr


def test_underscores_will_do_for_dashes(dump: Path) -> None:
    python, shell = (run(name, dump, "-q") for name in ("discount_summary", "discount-summary"))
    assert python.exit_code == 0
    assert python.stdout == shell.stdout


# ---- tables


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_fits_the_width_of_the_terminal(width: int, tmp_path: Path) -> None:
    label = "A discount with a name that is longer than most terminals are wide, " * 2
    dump = write_lines(tmp_path / "d.jsonl", CLOSED | {"discounts": {label: 1, "東京" * 40: 2}})
    seen = on_terminal("discount-summary", dump, "-q", width=width)
    assert "discount_total" in seen
    assert max(len(line) + len(re.findall("[東京]", line)) for line in seen.splitlines()) <= width


# ---- how much is said


def test_a_load_is_told_in_few_lines(here: Path) -> None:
    write_lines(here / "faulty.jsonl", CLOSED, BROKEN)
    faulty, store = "faulty.jsonl", "s.duckdb"
    ended = run("load", faulty, "--store", store, "--allow-rejects", "1")
    assert ended.stdout.splitlines() == [
        "1 file read",
        "2 records = 1 new + 0 changed + 0 repeated + 0 older + 1 rejected",
        "rejected, by reason:",
        "  wrong-type      1  faulty.jsonl, record 2: total: expected a decimal number, "
        "got 'not a number'",
        "s.duckdb: load 1; it has 1 session, 1 reject open",
    ]
    assert run("load", faulty, "--store", store, "-q").output == ""


def test_verbose_tells_each_file_the_sql_and_how_long_it_took(dump: Path) -> None:
    ended = run("states", dump, "-v", "--format", "json")
    assert f"  {dump}: read; v1_session; records 3, sessions 3" in ended.stderr
    assert "select" in ended.stderr
    assert re.search(r"^took \d+\.\d s$", ended.stderr, re.M)
    assert ended.stdout.startswith("[")
    assert "took" not in run("states", dump).stderr


def test_timed_lines_tell_when_and_how_grave(faulty: Path, tmp_path: Path) -> None:
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    ended = run("load", faulty, "--store", tmp_path / "s.duckdb", "--log-format", "timed")
    assert ended.exit_code == 1
    for line in (ended.stdout + ended.stderr).splitlines():
        assert re.match(rf"{moment} (INFO|WARNING|ERROR) \S?", line), line
    told = run("totals", "gone.jsonl", SESSIONKIT_LOG_FORMAT="timed").stderr
    assert re.fullmatch(rf"{moment} ERROR Error: .*gone\.jsonl.*\n", told)
    assert run("totals", "gone.jsonl").stderr.startswith("Error: ")
    told = run("totals", faulty, "--log-format", "timed", "--format", "json")
    assert told.stdout.startswith("[")
    assert re.search(rf"^{moment} INFO 2 records = 1 session", told.stderr, re.M)


# ---- a check in a job


@pytest.mark.parametrize(("allowed", "status"), [(0, 1), (1, 1), (2, 0), (3, 0)])
def test_a_check_fails_above_so_many_findings(allowed: int, status: int, tmp_path: Path) -> None:
    odd = [
        CLOSED | {"integrationId": f"S-{n}", "discounts": {"Ten off": 1000}} for n in range(2)
    ]  # more off than it cost
    dump = write_lines(tmp_path / "d.jsonl", *odd, CLOSED | {"integrationId": "S-9"})
    ended = run("check", dump, "--fail-on", "warning", "--max-findings", allowed)
    assert ended.exit_code == status, ended.output
    said = "2 findings at warning or error. --max-findings 2 would let that pass.\n"
    assert ended.stderr == (said if status else "")
    assert "discount-exceeds-total (warning): 2 findings" in ended.stdout


def test_the_findings_that_are_not_grave_enough_do_not_count(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "d.jsonl", CLOSED | {"discounts": {"Ten off": 1000}})
    assert run("check", dump, "--fail-on", "error").exit_code == 0
    assert run("check", dump, "--fail-on", "never", "--max-findings", 0).exit_code == 0


# ---- completion


def completed(*words: str) -> list[str]:
    """What the command tells a shell of what can stand where the last word begins."""
    env = os.environ | {
        "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1),
        "_SESSIONKIT_COMPLETE": "bash_complete",
    }  # fmt: skip
    code = "from sessionkit.cli import main; main(prog_name='sessionkit')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env
    )
    assert ended.stderr == ""
    found = [line.partition(",") for line in ended.stdout.splitlines()]
    return [value if kind == "plain" else kind for kind, _, value in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sessionkit", "fun"], ["funnel"]),
        (["sessionkit", "discount-s"], ["discount-summary", "discount-stacks"]),
        (["sessionkit", "totals", "--popul"], ["--population"]),
        (["sessionkit", "totals", "x", "--by", "mo"], ["month"]),
        (["sessionkit", "totals", "x", "--by", "month,cust"], ["month,customer_type"]),
        (["sessionkit", "totals", "x", "--where", "stat"], ["state="]),
        (["sessionkit", "totals", "x", "--population", "c"], ["completed", "cancelled", "closed"]),
        (["sessionkit", "totals", "x", "--tz", "Europe/Berl"], ["Europe/Berlin"]),
        (["sessionkit", "totals", "x", "--dialect", "csv"], ["csv_export"]),
        (["sessionkit", "totals", "x", "--format", "p"], ["parquet"]),
        (["sessionkit", "completion", "z"], ["zsh"]),
        (["sessionkit", "totals", "exp"], ["file"]),
        (["sessionkit", "flatten", "x", "-o", "ou"], ["dir"]),
    ],
)
def test_words_are_completed(words: list[str], found: list[str]) -> None:
    assert sorted(completed(*words)) == sorted(found)


def test_every_dimension_that_groups_is_offered() -> None:
    groups = {name for name, one in DIMENSIONS.items() if one.groups}
    assert set(completed("sessionkit", "totals", "x", "--by", "")) == groups


@pytest.mark.parametrize(
    ("shell", "words", "cursor", "told"),
    [
        ("zsh", "sessionkit fun", "1", "plain\nfunnel\nHow far sessions came.\n"),
        ("fish", "sessionkit", "fun", "plain,funnel\tHow far sessions came.\n"),
    ],
)
def test_zsh_and_fish_are_told_in_their_own_way(
    shell: str, words: str, cursor: str, told: str
) -> None:
    """The two shells say in other variables what was typed, and are told what a command does."""
    env = os.environ | {
        "COMP_WORDS": words, "COMP_CWORD": cursor, "_SESSIONKIT_COMPLETE": f"{shell}_complete",
    }  # fmt: skip
    code = "from sessionkit.cli import main; main(prog_name='sessionkit')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert ended.stdout == told


@pytest.mark.parametrize(("shell", "flag"), [("bash", "-n"), ("zsh", "-n"), ("fish", "-n")])
def test_the_script_of_each_shell_is_one(shell: str, flag: str, tmp_path: Path) -> None:
    ended = run("completion", shell)
    assert ended.exit_code == 0
    assert "_SESSIONKIT_COMPLETE" in ended.stdout
    path = tmp_path / f"completion.{shell}"
    path.write_text(ended.stdout, encoding="utf-8")
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not there to read it")
    subprocess.run([shell, flag, str(path)], check=True, capture_output=True)


def test_bash_completes_by_the_script(tmp_path: Path) -> None:
    """As a person has it: the script sourced, a word begun, the key pressed."""
    stub = tmp_path / "bin" / "sessionkit"
    stub.parent.mkdir()
    code = "from sessionkit.cli import main; main(prog_name='sessionkit')"
    stub.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n')
    stub.chmod(0o755)
    script = "\n".join(
        [
            'eval "$(sessionkit completion bash)"',
            "complete -p sessionkit",
            "for words in 'sessionkit fun' 'sessionkit totals x --by month,quar'; do",
            "  COMP_WORDS=($words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()",
            '  _sessionkit_completion sessionkit; echo "${COMPREPLY[@]}"',
            "done",
        ]
    )
    env = os.environ | {"PATH": f"{stub.parent}:{os.environ['PATH']}"}
    ended = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, env=env
    )
    said, *words = ended.stdout.splitlines()
    assert said.startswith("complete -o nosort -F _sessionkit_completion sessionkit")
    assert words == ["funnel", "month,quarter"]


def test_an_answer_in_python_is_as_wide_as_it_is_told() -> None:
    answer = sk.totals(source({}))
    assert all(len(line) <= 60 for line in answer.to_text(60).splitlines())
