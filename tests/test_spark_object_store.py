"""From one object store folder into another: the steps of flattening on Spark, without Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sessionkit as sk
from sessionkit.errors import UsageError
from sessionkit.spark.job import flatten
from tests.spark.same_tables import assert_same
from tests.test_object_store import lines, store  # noqa: F401  (the fixture)
from tests.test_spark_steps import NO_SPARK, in_turn


def test_dumps_and_tables_may_lie_in_an_object_store(
    store: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SESSIONKIT_THREADS", "1")
    monkeypatch.setattr("sessionkit.spark.reading_all.run", in_turn)
    monkeypatch.setattr("sessionkit.spark.job.run", in_turn)
    store.pipe("dumps/day/large.jsonl", lines(*[f"L-{each % 40}" for each in range(60)]))
    url = "s3://dumps/tables"
    for buckets in (3, 1):  # the second time in place of the first
        given = {"range_bytes": 3000, "buckets": buckets}
        assert flatten(NO_SPARK, "s3://dumps/day", output=url, **given) == url
    store.invalidate_cache()
    store.get("dumps/tables/", str(tmp_path / "tables"), recursive=True)
    assert_same(tmp_path / "tables", sk.to_folder("s3://dumps/day", output=tmp_path / "here"))
    assert len(list((tmp_path / "tables" / "sessions").iterdir())) == 1
    assert not [name for name in store.ls("dumps/tables", detail=False) if "/." in name]
    with pytest.raises(UsageError, match="holds files"):
        flatten(NO_SPARK, "s3://dumps/day", output="s3://dumps/day", buckets=1)
