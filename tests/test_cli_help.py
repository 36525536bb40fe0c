"""The help: it comes at once, every command has one, and every example in it runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sessionkit.cli import main
from sessionkit.questions import QUESTIONS
from tests.literal_dumps import THREE, write_lines

HEAVY = ("duckdb", "polars", "pyarrow", "pandera", "rich", "jinja2", "msgspec")


def help_of(*command: str) -> str:
    ended = CliRunner().invoke(main, [*command, "--help"], terminal_width=200)
    assert ended.exit_code == 0
    return ended.stdout


def examples_of(*command: str) -> list[str]:
    return [line.strip() for line in help_of(*command).splitlines() if _EXAMPLE.match(line)]


_EXAMPLE = re.compile(r" +sessionkit [a-z]")


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the examples speak of: a folder of dumps, and one that flatten wrote."""
    folder = tmp_path_factory.mktemp("help")
    (folder / "exports").mkdir()
    write_lines(folder / "exports" / "three.jsonl", *THREE)
    header = "campaign_id,start_date,end_date,revenue,sessions\n"
    export = f"{header}Total,2026-01-01,2026-02-01,0.00,0\n"
    (folder / "campaign_analytics.csv").write_text(export, encoding="utf-8")
    made = CliRunner().invoke(main, ["flatten", str(folder / "exports"), "-o", str(folder / "out")])
    assert made.exit_code == 0, made.stderr
    store = str(folder / "sessions.duckdb")
    made = CliRunner().invoke(main, ["load", str(folder / "exports"), "--store", store])
    assert made.exit_code == 0, made.stderr
    return folder


@pytest.mark.parametrize("command", ["", *main.commands])
def test_every_example_in_the_help_runs(
    command: str, surroundings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(surroundings)
    found = examples_of(*command.split())
    assert found
    for example in found:
        ended = CliRunner().invoke(main, shlex.split(example)[1:])
        assert ended.exit_code == 0, (example, ended.stderr)


def test_every_question_is_a_command_under_its_name() -> None:
    assert {name.replace("_", "-") for name in QUESTIONS} <= main.commands.keys()


def test_every_option_of_every_command_is_explained() -> None:
    for name, command in main.commands.items():
        for option in command.params:
            if option.param_type_name == "option":
                assert option.help, (name, option.name)  # type: ignore[attr-defined]


def test_the_names_of_dialects_stand_in_the_help() -> None:
    for command in ("totals", "generate"):
        assert "csv_export" in help_of(command)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["totals", "--population"]])
def test_what_needs_no_data_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from sessionkit.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "finally:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stdout.splitlines()[-1] == "[]", ended


def test_the_module_runs_as_the_command() -> None:
    for arguments in (["--version"], ["--help"]):
        ended = subprocess.run(
            [sys.executable, "-m", "sessionkit", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "sessionkit" in ended.stdout
        assert ended.stderr == ""
