"""Loads of many files, and the benchmarks of loads; nothing here says how fast a load must be."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sessionkit.store import Store
from tests.benchmarks.stores import main, timed
from tests.reading import session


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of a hundred sessions."""
    path = tmp_path_factory.mktemp("dump") / "dump.jsonl"
    made = (session(integrationId=f"S-{n}", updated="2024-03-01T12:00:00Z") for n in range(100))
    path.write_text("\n".join(map(json.dumps, made)))
    return path


@pytest.mark.parametrize(
    ("what", "new", "records"),
    [("load", 100, 100), ("daily", 10, 100), ("one_file", 100, 100), ("small_files", 100, 100)],
)
def test_the_benchmarks_load_what_they_say(
    lines: Path, tmp_path: Path, what: str, new: int, records: int
) -> None:
    told = main(what, lines, tmp_path)
    assert (told["sessions"], told["records"]) == (new, records)
    assert min(told["wall"], told["cpu"]) > 0


def test_a_days_export_is_half_as_it_was(lines: Path, tmp_path: Path) -> None:
    main("daily", lines, tmp_path)
    with Store.open_readonly(tmp_path / "sessions.duckdb") as store:
        told = store.connection().sql(
            "select sessions, changed, repeats, older from kept.loads order by load"
        )
        assert told.fetchall() == [(100, 0, 0, 0), (50, 40, 50, 0)]


def test_many_files_cost_far_less_than_as_many_loads(tmp_path: Path) -> None:
    folder, one = tmp_path / "many", tmp_path / "one.jsonl"
    folder.mkdir()
    one.write_text(json.dumps(session(integrationId="one")))
    for number in range(200):
        (folder / f"{number}.jsonl").write_text(json.dumps(session(integrationId=f"S-{number}")))
    with Store(tmp_path / "sessions.duckdb") as store:
        store.load(
            io.BytesIO(json.dumps(session(integrationId="first")).encode())
        )  # what is imported late
        alone = timed(lambda: store.load(one))
        together = timed(lambda: store.load(folder))
        assert (alone["sessions"], together["sessions"]) == (1, 200)
        assert together["cpu"] < 20 * alone["cpu"]
