"""What the README says of Spark runs as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sessionkit as sk
from tests.spark.cluster import HOME
from tests.spark.same_tables import assert_same

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = {
    "python": [sys.executable],
    "sessionkit": [sys.executable, "-m", "sessionkit"],
    "spark-submit": [str(HOME / "bin" / "spark-submit")],
}


def block(name: str) -> str:
    """The text of a block of the README."""
    found = re.search(rf"<!-- spark: {re.escape(name)} -->\n```\w+\n(.*?)```", README, re.S)
    assert found, f"no block of Spark's: {name}"
    return found[1]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


def run(command: str, workplace: Path) -> str:
    """Run a command as a user would; give what it prints."""
    program, *words = shlex.split(command)
    done = subprocess.run(
        [*PROGRAMS[program], *words],
        cwd=workplace,
        capture_output=True,
        text=True,
        env=os.environ | {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    return done.stdout


def test_the_shell_examples_run(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, *printed = [run(command, workplace) for command in block("shell").splitlines()]
    monkeypatch.chdir(workplace)
    assert_same(Path("out"), sk.to_folder("data", output="here"))
    assert all(printed)


def test_questions_get_the_same_answers(workplace: Path) -> None:
    run("sessionkit flatten data -o out", workplace)
    (command,) = block("questions").splitlines()
    asked, _, _ = command.partition(" --engine")
    assert run(command, workplace) == run(asked, workplace) != ""
    (workplace / "questions.py").write_text(block("questions.py"), encoding="utf-8")
    assert "2026-03-01" in run("python questions.py", workplace)


def test_the_job_runs_as_it_is_submitted(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "nightly.py").write_text(block("nightly.py"), encoding="utf-8")
    run(block("submit").strip(), workplace)
    monkeypatch.chdir(workplace)
    assert_same(Path("out"), sk.to_folder("data", output="here"))
