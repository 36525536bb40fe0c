"""The tool that runs the tests in environments of the lowest and the newest versions."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools import environments
from tests.tools.environments import (
    Row,
    constraints,
    lowest,
    main,
    needed,
    passes,
    project,
    promised,
)

LACKING = Row("3.99", None)


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("click>=8.1.7", ("click", "8.1.7", "")),
        ("duckdb >= 2.0, < 2.1", ("duckdb", "2.0", "")),
        ("pyspark<5,>=4.3", ("pyspark", "4.3", "")),
        ("pandera[polars]>=0.35", ("pandera", "0.35", "")),
        ("Lifetimes==0.11.3", ("lifetimes", "0.11.3", "")),
        (
            "backports.zstd>=1.0; python_version < '3.14'",
            ("backports.zstd", "1.0", "python_version < '3.14'"),
        ),
    ],
)
def test_the_lower_bound_of_a_requirement(requirement: str, expected: tuple[str, ...]) -> None:
    assert lowest(requirement) == expected


@pytest.mark.parametrize("requirement", ["click", "click<9", "x; python_version >= '3'", ">=1"])
def test_a_requirement_without_a_lower_bound(requirement: str) -> None:
    with pytest.raises(ValueError, match="no lower bound"):
        lowest(requirement)


def test_constraints_pin_each_requirement_to_its_bound() -> None:
    told = ["rich>=13.7", "altair>=5.9", "altair>=5.10,<7", "old>=1.0; python_version < '3.12'"]
    assert constraints(told) == "altair==5.10\nold==1.0; python_version < '3.12'\nrich==13.7\n"
    assert constraints([]) == ""


def test_every_requirement_has_a_lower_bound() -> None:
    told = project()
    extras = [one for extra in told["optional-dependencies"].values() for one in extra]
    for requirement in [*told["dependencies"], *extras]:
        assert lowest(requirement)[1], requirement


def test_the_pythons_and_the_first_of_them() -> None:
    told = project()
    assert promised(told) == ["3.11", "3.12", "3.13"]
    assert told["requires-python"] == ">=3.11"
    assert promised({"classifiers": ["A :: Python :: 3.9", "A :: Python :: 3.10", "A :: 3"]}) == [
        "3.9",
        "3.10",
    ]


def test_a_python_is_found_and_one_that_is_not_there_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"3.{sys.version_info[1]}"
    for patch, program in (("2", "exit 1"), ("10", f'exec "{sys.executable}" "$@"')):
        path = tmp_path / "versions" / f"{here}.{patch}" / "bin" / "python"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert environments.python(here) == path
    assert environments.python("3.99") is None
    path.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert environments.python(here) is None


def test_there_is_a_row_for_the_lowest_and_for_each_python(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"3.11": Path("/a"), "3.13": Path("/c"), "3.14": Path("/d")}
    monkeypatch.setattr(environments, "python", there.get)
    found = environments.rows(project())
    assert [(row.name, row.python) for row in found] == [
        ("lowest", Path("/a")),
        ("3.11", Path("/a")),
        ("3.12", None),
        ("3.13", Path("/c")),
        ("3.14", Path("/d")),
    ]
    assert found[0].constraints == constraints(needed(project()))
    assert [row.constraints for row in found[1:]] == [""] * 4


def made_of(*programs: str) -> Any:
    """Stands in for `commands`: a few lines of Python instead of an environment."""
    return lambda *_: [[sys.executable, "-c", program] for program in programs]


def test_a_row_that_passes_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "commands", made_of("", "print('== 7 passed ==\\n')"))
    assert passes(Row("3.11", Path("/a")), tmp_path, [])
    told, wrong = capsys.readouterr()
    assert told.startswith("3.11     passed  /a  7 passed  (")
    assert told.count("\n") == 1
    assert wrong == ""


def test_a_row_fails_where_its_first_command_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environments, "commands", made_of("print('why'); exit(1)", "print('not')"))
    assert not passes(Row("3.11", Path("/a")), tmp_path, [])
    told, wrong = capsys.readouterr()
    assert told.startswith("3.11     failed  /a  why  (")
    assert wrong == "why\n"


def test_the_commands_of_a_row(tmp_path: Path) -> None:
    row = Row("lowest", Path("/a"), "rich==13.7\n")
    make, install, test = environments.commands(row, tmp_path / "lowest", ["-k", "x"])
    assert make == ["/a", "-m", "venv", "--clear", str(tmp_path / "lowest")]
    assert install[-4:] == ["-e", f"{environments.ROOT}[dev]", "-c", install[-1]]
    assert Path(install[-1]).read_text(encoding="utf-8") == "rich==13.7\n"
    assert test[1:] == ["-m", "pytest", "-q", "-k", "x"]
    assert environments.commands(Row("3.11", Path("/a")), tmp_path / "3.11", [])[1][-2:-1] == ["-e"]


@pytest.mark.parametrize(
    ("arguments", "asked", "tests"),
    [
        ([], ["lowest", "3.12", "3.99"], ["-n", "auto"]),
        (["--only", "3.12", "--", "-k", "not browser"], ["3.12"], ["-k", "not browser"]),
        (["--only", "3.12", "--only", "lowest"], ["3.12", "lowest"], ["-n", "auto"]),
    ],
)
@pytest.mark.parametrize("failing", ["lowest", "none"])
def test_one_row_that_fails_is_a_failure(
    arguments: list[str],
    asked: list[str],
    tests: list[str],
    failing: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def stand_in(row: Row, folder: Path, given: list[str]) -> bool:
        assert folder.is_dir()
        assert given == tests
        seen.append(row.name)
        return row.name != failing

    there = [Row("lowest", Path("/a")), Row("3.12", Path("/b")), LACKING]
    monkeypatch.setattr(environments, "rows", lambda _: there)
    monkeypatch.setattr(environments, "passes", stand_in)
    assert main(arguments) == int(failing in asked)
    assert seen == asked


def test_a_python_that_is_not_there_is_told_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert passes(LACKING, tmp_path, [])
    assert capsys.readouterr().out == "3.99     no such Python on this machine\n"


def test_the_examples_run() -> None:
    failed, tried = doctest.testmod(environments)
    assert (failed, tried) == (0, 2)
