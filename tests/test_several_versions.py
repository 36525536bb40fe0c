"""A folder tells where sessions with several versions begin: quicker, and never otherwise right."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sessionkit as sk
from sessionkit.database import Source
from sessionkit.generate import generate
from sessionkit.given import several_from
from sessionkit.manifest import MANIFEST, read_manifest, text_of_manifest

ASKED: dict[str, Callable[[Source], sk.Result]] = {
    "funnel": lambda source: sk.funnel(source, by="application_id", window="2d"),
    "outcomes": sk.outcomes,
    "transitions": sk.transitions,
    "time_to_close": sk.time_to_close,
    "discount_summary": lambda source: sk.discount_summary(source, by="label"),
    "coupon_summary": sk.coupon_summary,
    "referral_summary": sk.referral_summary,
    "coupon_rejections": sk.coupon_rejections,
}


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = generate(tmp_path_factory.mktemp("made"), sessions=800, seed=3, dialects="v1_session")
    return made / "dumps"


@pytest.fixture(scope="module")
def flat(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sk.to_folder(dumps, output=tmp_path_factory.mktemp("flat"))


@pytest.fixture
def copy(flat: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(flat, tmp_path / "copy"))


def tell(folder: Path, single_versions: int) -> None:
    """Have the manifest of a folder tell something else."""
    manifest = replace(read_manifest(folder), single_versions=single_versions)
    (folder / MANIFEST).write_bytes(text_of_manifest(manifest))


def keys(folder: Path, name: str) -> list[tuple[int, str]]:
    rows = pq.read_table(folder / f"{name}.parquet", columns=["application_id", "integration_id"])
    return list(zip(*rows.to_pydict().values(), strict=True))


def test_rows_come_first_that_are_of_sessions_with_one_version(flat: Path) -> None:
    sessions, snapshots = keys(flat, "sessions"), keys(flat, "snapshots")
    versions, first = Counter(snapshots), several_from(flat)
    assert 0 < first < len(sessions) < len(snapshots)
    assert first == read_manifest(flat).single_versions
    assert sorted(sessions[:first]) == sorted(snapshots[:first])
    assert {versions[key] for key in sessions[:first]} == {1}
    assert max(versions[key] for key in sessions[first:]) > 1


@pytest.mark.parametrize("question", ASKED)
def test_answers_are_those_of_all_sessions(
    question: str, flat: Path, copy: Path, dumps: Path
) -> None:
    quick = ASKED[question](flat)
    tell(copy, 0)
    slow = ASKED[question](copy)
    assert quick.table.to_pylist() == slow.table.to_pylist()
    assert (quick.sql, quick.notes) == (slow.sql, slow.notes)
    assert quick.table.to_pylist() == ASKED[question](sk.read(dumps)).table.to_pylist()


@pytest.mark.parametrize("table", ["sessions", "snapshots"])
def test_what_a_manifest_tells_holds_for_the_files_as_they_were_written(
    table: str, flat: Path, copy: Path
) -> None:
    right = sk.funnel(flat).table.to_pylist()
    tell(copy, len(keys(flat, "sessions")))  # it is believed
    assert sk.funnel(copy).table.to_pylist() != right
    file = copy / f"{table}.parquet"
    rows = pq.read_table(file)
    pq.write_table(rows.take(list(reversed(range(len(rows))))), file, compression="none")
    assert sk.funnel(copy).table.to_pylist() == right


def test_a_manifest_that_tells_of_more_rows_than_there_are_tells_nothing(
    flat: Path, copy: Path
) -> None:
    tell(copy, len(keys(flat, "sessions")) + 1)
    assert several_from(copy) == 0


@pytest.mark.parametrize("text", [b"", b"[]", b'{"tables": {}, "single_versions": "9"}', b"\xff"])
def test_a_manifest_that_tells_nothing(copy: Path, text: bytes) -> None:
    (copy / MANIFEST).write_bytes(text)
    assert several_from(copy) == 0


def test_a_folder_in_parts_tells_nothing(copy: Path) -> None:
    tell(copy, -5)
    assert several_from(copy) == 0
    tell(copy, 5)
    assert several_from(copy) == 5
    (copy / "sessions").mkdir()
    (copy / "sessions.parquet").rename(copy / "sessions" / "part-0.parquet")
    assert several_from(copy) == 0
