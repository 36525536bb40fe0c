"""README.md: its commands run, its output is what they print, its tables are the code's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sessionkit import tables
from sessionkit.dialects import DIALECTS
from sessionkit.questions import QUESTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(kind: str, name: str) -> str:
    found = re.search(rf"<!-- {kind}: {re.escape(name)} -->\n```\w+\n(.*?)```", README, re.S)
    assert found, f"no block {kind}: {name}"
    return found[1].strip()


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


def run(command: str, workplace: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "sessionkit"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *words],
        cwd=workplace,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "COLUMNS": "100", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip()


def test_the_first_screen_has_two_set_up_commands_and_their_output() -> None:
    screen = README[: README.index("## From the shell")]
    assert len(screen.splitlines()) <= 70
    assert "sessionkit report data" in block("command", "main job")
    assert "pytest" in block("command", "tests")
    assert "](data/report.png)" in screen


def test_the_main_job_prints_what_the_readme_shows(workplace: Path) -> None:
    job = block("command", "main job").rpartition(".venv/bin/")[2]
    assert run(job, workplace) == block("output", "main job")
    assert (workplace / "report.html").stat().st_size > 10_000


def test_the_shell_example_prints_what_the_readme_shows(workplace: Path) -> None:
    assert run(block("run", "shell"), workplace) == block("output", "shell")


def test_the_python_example_runs(workplace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("run", "python")],
        cwd=workplace,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (workplace / "out" / "manifest.json").exists()


def test_every_question_stands_in_the_readme() -> None:
    for name, question in QUESTIONS.items():
        row = f"| `{name.replace('_', '-')}` | {question.summary} | {question.grain} |"
        assert row in README, row


def test_every_table_stands_in_the_readme() -> None:
    for table in tables.ALL:
        assert f"| `{table.name}` | {table.grain} |" in README


def test_every_dialect_stands_in_the_readme() -> None:
    for dialect in DIALECTS.values():
        assert f"| `{dialect.name}` | {dialect.says} |" in README
