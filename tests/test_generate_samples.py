"""The samples in `data/` are what the command writes, and small."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from sessionkit.generate.samples import samples
from tests.generated import bytes_by_name

DATA = Path(__file__).parent.parent / "data"
NAMES = {"sessions_export.csv", "v1_sessions.jsonl", "v2_responses.jsonl", "session_list.json"}


def test_the_samples_are_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["samples", str(tmp_path)])
    monkeypatch.delitem(sys.modules, "sessionkit.generate.samples")
    runpy.run_module("sessionkit.generate.samples", run_name="__main__")
    written = bytes_by_name(tmp_path)
    assert set(written) == NAMES
    for name, data in written.items():
        assert (DATA / name).read_bytes() == data, (
            f"data/{name} is stale: run `python -m sessionkit.generate.samples data`"
        )


def test_the_samples_are_small() -> None:
    assert sum((DATA / name).stat().st_size for name in NAMES) < 700_000


def test_the_samples_tell_a_story(tmp_path: Path) -> None:
    answers = samples(tmp_path)
    assert answers["sessions"] == 400
    assert answers["repeats"]
    assert answers["older"]
    assert [row["file"] for row in answers["planted"]] == ["v1_sessions.jsonl"] * 2
    assert all(answers["states"].values())
    assert len(answers["totals_by_month"]["270"]) == 4
