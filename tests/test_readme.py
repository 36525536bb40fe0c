"""README.md: its commands run, its output is what they print, its tables are the code's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from sessionkit import tables
from sessionkit.cli import main
from sessionkit.dialects import DIALECTS
from sessionkit.questions import QUESTIONS
from tests.notebooks import NAMES

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
    screen = README[: README.index("## Questions")]
    assert len(screen.splitlines()) <= 70
    assert "sessionkit report data" in block("command", "main job")
    assert "pytest" in block("command", "tests")
    assert "](data/report.png)" in screen


def test_every_block_is_run_or_checked_by_a_test() -> None:
    marked = re.findall(r"<!-- (\w+: [\w. ]+) -->\n```", README)
    assert README.count("\n```") == 2 * len(marked)
    on_spark = ROOT / "tests" / "spark" / "test_spark_readme.py"
    here = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__), on_spark))
    for mark in marked:
        kind, _, name = mark.partition(": ")
        assert f'block("{kind}", "{name}")' in here or f'"{name}"' in here, mark
    assert "tests.benchmarks" in block("command", "benchmarks")
    assert find_spec("tests.benchmarks.__main__")
    assert block("command", "spark") == "pip install 'sessionkit[spark]'"
    assert "pytest -q tests/spark" in block("command", "spark tests")
    assert "pytest -q -n auto tests/witnesses" in block("command", "witnesses")
    assert block("command", "environments") == "python3 -m tests.tools.environments"
    assert find_spec("tests.tools.environments")
    assert "python -m tests.fuzzing records" in block("command", "fuzzing")
    assert find_spec("tests.fuzzing.__main__")
    assert block("command", "mutation").endswith("mutmut run")
    mutation = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "mutmut"
    ]
    asked = [*mutation["only_mutate"], *mutation["pytest_add_cli_args_test_selection"]]
    assert [pattern for pattern in asked if not list(ROOT.glob(pattern))] == []


def test_the_main_job_prints_what_the_readme_shows(workplace: Path) -> None:
    job = block("command", "main job").rpartition(".venv/bin/")[2]
    assert run(job, workplace) == block("output", "main job")
    assert (workplace / "report.html").stat().st_size > 10_000


def test_the_shell_examples_print_what_the_readme_shows(workplace: Path) -> None:
    printed = [run(command, workplace) for command in block("run", "shell").splitlines()]
    assert "\n".join(printed) == block("output", "shell")


def test_the_store_example_prints_what_the_readme_shows(workplace: Path) -> None:
    printed = [run(command, workplace) for command in block("run", "store").splitlines()]
    assert "\n".join(printed) == block("output", "store")


@pytest.mark.parametrize(
    ("name", "made"), [("python", "out/manifest.json"), ("store python", "report.html")]
)
def test_the_python_examples_run(name: str, made: str, workplace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("run", name)],
        cwd=workplace,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (workplace / made).exists()


@pytest.mark.parametrize("name", ["notebook", "settings"])
def test_the_other_python_examples_run(name: str, workplace: Path) -> None:
    settings = block("file", "sessionkit.toml")
    (workplace / "sessionkit.toml").write_text(settings, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("run", name)],
        cwd=workplace,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_setting_of_the_example_holds(workplace: Path) -> None:
    settings = block("file", "sessionkit.toml")
    (workplace / "sessionkit.toml").write_text(settings, encoding="utf-8")
    told = run("sessionkit totals data --by currency --allow-rejects 2", workplace)
    assert "270 Shop Germany" in run("sessionkit states data --allow-rejects 2", workplace)
    assert "EUR" in told
    assert "USD" in told


@pytest.fixture
def night(workplace: Path) -> Callable[[], subprocess.CompletedProcess[str]]:
    """Runs the job of the night, as cron would."""
    (workplace / "data").rename(workplace / "exports")
    script = workplace / "nightly.sh"
    script.write_text(block("file", "nightly.sh"), encoding="utf-8")
    script.chmod(0o755)
    stub = workplace / "bin" / "sessionkit"
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -m sessionkit "$@"\n')
    stub.chmod(0o755)
    env = {"PATH": f"{stub.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return lambda: subprocess.run(
        ["./nightly.sh"], cwd=workplace, env=env, capture_output=True, text=True, check=False
    )


def test_the_job_of_the_night_runs_again_and_again(
    night: Callable[[], subprocess.CompletedProcess[str]], workplace: Path
) -> None:
    first, second = night(), night()
    for done in (first, second):
        assert done.returncode == 0, done.stderr
        messages = [line for line in done.stdout.splitlines() if " INFO " in line]
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO \d files? read", messages[0])
    assert "nothing is new" in second.stdout
    assert (workplace / "report.html").stat().st_size > 10_000


def test_the_job_of_the_night_stops_when_too_much_is_rejected(
    night: Callable[[], subprocess.CompletedProcess[str]], workplace: Path
) -> None:
    bad = '{"integrationId": "S", "applicationId": 1, "created": "x"}\n' * 6
    (workplace / "exports" / "bad.jsonl").write_text(bad, encoding="utf-8")
    done = night()
    assert done.returncode == 1
    assert "8 records were rejected" in done.stderr
    assert not (workplace / "report.html").exists()


def test_the_schedules_run_the_job_of_the_night() -> None:
    for name in ("crontab", "nightly.yml"):
        told = block("file", name)
        assert "./nightly.sh" in told
        assert re.search(r'(^|")15 3 \* \* \*("|  )', told, re.M)
    assert "\n" not in block("file", "crontab")


def test_every_question_stands_in_the_readme() -> None:
    for name, question in QUESTIONS.items():
        row = f"| `{name.replace('_', '-')}` | {question.summary} | {question.grain} |"
        assert row in README, row


def test_every_command_stands_in_the_readme() -> None:
    told = README[README.index("## Commands") : README.index("## Python")]
    for name in main.commands:
        if name not in {question.replace("_", "-") for question in QUESTIONS} - {"reconcile"}:
            assert f"sessionkit {name} " in told, name


def test_every_notebook_stands_in_the_readme() -> None:
    told = re.findall(r"^\| \[`(\w+)`\]\(notebooks/(\w+)\.ipynb\) \|", README, re.M)
    assert told == [(name, name) for name in NAMES]
    assert "`python -m tests.notebooks` runs them again" in README


def test_the_list_of_contents_leads_to_every_section() -> None:
    titles = re.findall(r"^## (.+)$", README, re.M)
    named = re.findall(r"\[([^]]+)\]\(#([a-z-]+)\)", README[: README.index("## ")])
    assert named == [(title, title.lower().replace(" ", "-")) for title in titles]
    assert len(max(README.splitlines(), key=len)) < 330


def test_every_table_stands_in_the_readme() -> None:
    for table in tables.ALL:
        assert f"| `{table.name}` | {table.grain} |" in README


def test_every_dialect_stands_in_the_readme() -> None:
    for dialect in DIALECTS.values():
        assert f"| `{dialect.name}` | {dialect.says} |" in README


def test_every_module_that_the_script_and_the_readme_run_is_there() -> None:
    told = (ROOT / ".ci" / "run").read_text(encoding="utf-8") + README
    run_from_here = set(re.findall(r"-m (tests[\w.]*|tools[\w.]*)", told))
    assert "tests.tools.audit" in run_from_here
    assert [name for name in sorted(run_from_here) if find_spec(name) is None] == []
