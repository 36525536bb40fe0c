"""The texts for Spark are those that the translator makes of DuckDB's, and no others."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sessionkit.spark.variables import VARIABLES
from tests.tools.translate.__main__ import TARGET, fresh
from tests.tools.translate.text import HOME

PACKAGE = HOME.parent
NUMBERED = re.compile(r"(where_\d+|values_\d+_attribute|\{\w+\}|\{\w+\}_attribute)")


def test_what_is_committed_is_what_a_fresh_translation_gives() -> None:
    texts = {path.relative_to(TARGET): text for path, text in fresh().items()}
    committed = {
        path.relative_to(TARGET): path.read_text(encoding="utf-8") for path in TARGET.rglob("*.sql")
    }
    assert sorted(committed) == sorted(texts)
    for path, text in texts.items():
        assert committed[path] == text, f"{path}: run `python -m tests.tools.translate`"


@pytest.mark.parametrize("path", sorted(TARGET.rglob("*.sql")), ids=lambda path: path.stem)
def test_nothing_is_left_that_only_duckdb_knows(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8")).lower()
    found = re.findall(
        r"getvariable|(?<!\w)columns\(|unnest|\bby name\b|quantile_cont|percentile|\blist_\w+\("
        r"|epoch_us|\basof\b|hugeint|int128|varchar|timestamptz|\bmaterialized\b|\breplace \(",
        text,
    )
    assert found == []


def test_every_variable_has_a_type_and_every_type_a_variable() -> None:
    read: set[str] = set()
    for path in [*HOME.rglob("*.sql"), *(PACKAGE / "questions").glob("*.py")]:
        read |= set(re.findall(r"getvariable\('([^']+)'\)", path.read_text(encoding="utf-8")))
    named = {name for name in read if not NUMBERED.fullmatch(name)}
    assert {name for name in VARIABLES if name not in named} <= {
        "days_from", "days_until", "periods_from", "periods_until",
    }  # fmt: skip
    texts = "".join(path.read_text(encoding="utf-8") for path in TARGET.rglob("*.sql"))
    assert set(re.findall(r"(?i)cast\(:(\w+) as", texts)) <= VARIABLES.keys()


def test_a_question_on_spark_needs_no_translator() -> None:
    code = (
        "import sys, sessionkit.spark.asking, sessionkit.spark.source\n"
        "print(sorted({'sqlglot', 'tests', 'pyspark'} & sys.modules.keys()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE
    )
    assert run.stdout.strip() == "[]"
