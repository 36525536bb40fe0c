"""The README's page of promises: every test that it names is there, and tries what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sessionkit.generate import DIALECTS, generate
from sessionkit.questions import QUESTIONS
from tests import (
    test_bulk,
    test_hard_days,
    test_injection,
    test_made_by_others,
    test_mutations,
    test_questions_oracle,
    test_resources,
    test_store_kills,
)
from tests.json_suite import INVALID, OPEN, VALID
from tests.test_fuzzing import TRIES

HERE = Path(__file__).parent
README = (HERE.parent / "README.md").read_text(encoding="utf-8")
PAGE = README.partition("## What we promise and how it is tested")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| [^|]+ \| (`[^|]+`) \| ([^|]+) \|$", PAGE, re.M))
"""What is said to be tried, by the tests that try it."""


def named(tests: str) -> list[str]:
    return re.findall(r"`(\w+)`", tests)


def test_every_test_that_is_named_is_there() -> None:
    assert len(ROWS) >= 15
    for tests in ROWS:
        assert [name for name in named(tests) if not (HERE / f"{name}.py").is_file()] == []


def counts(figures: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*\b", figures)]


def test_figures_are_those_of_the_tests(tmp_path: Path) -> None:
    made = generate(tmp_path, sessions=60, seed=11)
    places = [
        len(range(number % step, len(whole), step))
        for dialect in DIALECTS
        for number, whole in enumerate(test_mutations.dumps(made, dialect))
        if (step := max(1, len(whole) // test_mutations.MUTANTS))
    ]
    shadows, views = test_made_by_others.SHADOWS, test_made_by_others.VIEWS
    bulk = (HERE / "test_bulk.py").read_text(encoding="utf-8")
    assert test_bulk.test_both_paths_give_the_same
    expected = {
        "test_mutations": [sum(places), len(DIALECTS)],
        "test_json_suite": [len(VALID) + len(INVALID) + len(OPEN)],
        "test_bulk": [int(re.findall(r"max_examples=(\d+)", bulk)[0])],
        "test_questions_oracle": [len(test_questions_oracle.SEEDS)],
        "test_injection": [len(test_injection.TEXTS), len(QUESTIONS)],
        "test_made_by_others": [len(shadows) + len(views)],
        "test_store_kills": [len(test_store_kills.STRETCHES) + 5, 6],
        "test_fuzzing": [sum(TRIES.values())],
    }
    for name, numbers in expected.items():
        (figures,) = (said for tests, said in ROWS.items() if named(tests)[0] == name)
        assert counts(figures) == numbers, name
    (disk,) = (said for tests, said in ROWS.items() if "test_store_full_disk" in tests)
    assert counts(disk)[0] == 2 * len(test_resources.WRITERS)
    assert f"{test_hard_days.THREADS} threads" in ROWS["`test_hard_days`"]


def test_so_many_cases_are_collected() -> None:
    said = {tests: figures for tests, figures in ROWS.items() if " cases" in figures}
    files = [str(HERE / f"{name}.py") for tests in said for name in named(tests)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    found = Counter(re.findall(r"^tests/(\w+)\.py::", run.stdout, re.M))
    for tests, figures in said.items():
        assert counts(figures)[0] == sum(found[name] for name in named(tests)), tests


@pytest.mark.parametrize("name", sorted({name for tests in ROWS for name in named(tests)}))
def test_a_test_that_is_named_asserts(name: str) -> None:
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    assert len(re.findall(r"^\s+assert ", text, re.M)) >= 2
