"""Findings of a store stay as they are when what they are about is loaded once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sessionkit.store import Store
from tests.reading import dump, named, session

FIRST, LATER = "2024-03-02T12:00:01Z", "2024-03-02T12:00:05Z"
OTHER = session(integrationId="S-2", updated=FIRST)


@pytest.mark.parametrize(
    ("records", "rule"),
    [
        ([{"total": 10}, {"total": 11}], "duplicate-conflict"),
        ([{"total": 10}, {"total": "much", "updated": LATER}], "newer-record-rejected"),
    ],
)
@pytest.mark.parametrize("beside", [[], [OTHER]], ids=["alone", "beside another"])
def test_a_stream_that_is_loaded_again_changes_no_finding(
    records: list[dict[str, Any]], rule: str, beside: list[dict[str, Any]], tmp_path: Path
) -> None:
    once = dump([session(**{"updated": FIRST} | record) for record in records])
    with Store(tmp_path / "sessions.duckdb") as store:

        def found() -> list[dict[str, Any]]:
            query = "select * from findings order by rule, source_file, source_record"
            rows = store.sql(query).table.to_pylist()
            return [row for row in rows if row["rule"] == rule]

        store.load(named("x", once))
        before = found()
        more = [named("y", dump(beside))] if beside else []
        store.load(named("x", once), *more)
        assert found() == before
        assert len(before) == 1
