"""Start-up: what a command or a question imports, and what an installation brings."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

from sessionkit import folder
from tests.asking import source

HEAVY = {"duckdb", "pandas", "pandera", "polars", "pyarrow", "rich", "numpy", "msgspec", "jinja2"}

FRAMES = {"pandas", "pandera", "polars"}

TELL = "import sys, json; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"


def imported(code: str, *arguments: str) -> set[str]:
    """The packages that a process of its own has imported when the code is done."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{TELL}", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module", params=["no session", "two sessions"])
def flattened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = source({}, {"state": "closed"}) if request.param == "two sessions" else {}
    return folder.write(tables, tmp_path_factory.mktemp("start") / "out")


def test_what_is_imported_can_be_told() -> None:
    assert {"decimal", "pyarrow"} <= imported("import decimal, pyarrow")


def test_the_package_itself_imports_next_to_nothing() -> None:
    assert not HEAVY & imported("import sessionkit")


def test_help_imports_click_and_nothing_heavy() -> None:
    code = (
        "import sys\nfrom sessionkit.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code"
    )
    there = imported(code, "--help")
    assert "click" in there
    assert not HEAVY & there


@pytest.mark.parametrize(
    "ask",
    [
        "totals(path, by='month')",
        "states(path)",
        "funnel(path)",
        "outcomes(path)",
        "discount_summary(path)",
    ],
)
def test_a_question_over_a_folder_imports_no_frames(ask: str, flattened: Path) -> None:
    code = f"import sys, sessionkit as sk\npath = sys.argv[1]\nassert sk.{ask}.table is not None"
    there = imported(code, str(flattened))
    assert "duckdb" in there
    assert not FRAMES & there


def test_a_question_over_a_database_imports_no_frames(flattened: Path) -> None:
    code = "\n".join(
        [
            "import sys, duckdb, sessionkit as sk",
            "from sessionkit.tables import ALL",
            "class Store:",
            "    kept = duckdb.connect()",
            "    def connection(self): return self.kept",
            "for table in ALL:",
            "    file = f'{sys.argv[1]}/{table.name}.parquet'",
            "    Store.kept.execute(f\"create table {table.name} as from '{file}'\")",
            "assert sk.totals(Store()).table.num_rows == 1",
        ]
    )
    assert not FRAMES & imported(code, str(flattened))


def needed(package: str, seen: set[str]) -> set[str]:
    """The packages that an installation without extras brings, as far as they are installed."""
    try:
        told = requires(package) or []
    except PackageNotFoundError:
        return seen
    for requirement in told:
        name, _, condition = requirement.partition(";")
        extras = re.findall(r"\[([^]]*)\]", name)
        if "extra ==" in condition:
            continue
        bare = re.match(r"[A-Za-z0-9._-]+", name)
        assert bare is not None
        one = bare.group().lower().replace("_", "-")
        if one not in seen:
            seen.add(one)
            needed(one, seen)
        for extra in (each.strip() for several in extras for each in several.split(",")):
            seen |= of_extra(one, extra, seen)
    return seen


def of_extra(package: str, extra: str, seen: set[str]) -> set[str]:
    """What an extra brings beside."""
    for requirement in requires(package) or []:
        name, _, condition = requirement.partition(";")
        if re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", condition):
            bare = re.match(r"[A-Za-z0-9._-]+", name)
            assert bare is not None
            one = bare.group().lower().replace("_", "-")
            if one not in seen:
                seen.add(one)
                needed(one, seen)
    return seen


def test_the_core_install_brings_no_pandas() -> None:
    brought = needed("sessionkit", set())
    assert {"duckdb", "polars", "pandera", "pyarrow", "typeguard"} <= brought
    assert "pandas" not in brought
    assert "pandas" in of_extra("sessionkit", "dev", set())
