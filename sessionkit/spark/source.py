"""A folder that `flatten` wrote, as Spark reads it.

Layer: inside `spark`, above `bench`; imports `given` and `manifest` from below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sessionkit.columns import Table
from sessionkit.database import workspace
from sessionkit.given import check_columns, files_of
from sessionkit.manifest import MANIFEST, decoded
from sessionkit.remote import is_url, shown_url
from sessionkit.spark.bench import SparkBench, in_spark_words
from sessionkit.spark.patterns import register_patterns
from sessionkit.spark.place import Place
from sessionkit.tables import ALL

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.ctePrecedencePolicy": "CORRECTED",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.sql.variant.allowDuplicateKeys": "true",
}
"""What answers rest on: days in UTC, faults told, and decimals that lose no digit."""


@dataclass(frozen=True)
class SparkFolder:
    """A folder of Parquet tables, to be asked through Spark.

    Attributes:
        spark: The session; questions have sessions of their own beside it.
        folder: The folder, on a path that driver and executors see.
    """

    spark: SparkSession
    folder: str | Path

    @contextmanager
    def bench(self, needed: Collection[str]) -> Iterator[SparkBench]:
        """A bench over these tables.

        Raises:
            FolderError: It is no folder, is not finished, or lacks a table or a column.
        """
        folder, files = _files(self.folder)
        session = self.spark.newSession()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
        register_patterns(session)
        for table in ALL:
            if table.name in needed:
                _read(session, folder, table, files.get(table.name, []))
        with workspace({}) as desk:
            bench = SparkBench(desk, session=session)
            try:
                yield bench
            finally:
                for frame in bench.held:
                    frame.unpersist()
                for name in bench.bound:
                    session.catalog.dropTempView(name)


def _files(folder: str | Path) -> tuple[Path, dict[str, list[str]]]:
    """Where the folder is, for messages, and the files of each table as Spark opens them."""
    if is_url(str(folder)):
        root, place = Path(shown_url(str(folder))), Place(str(folder))
        with place.reading(MANIFEST) as file:
            manifest = decoded(file.read(), root)
        home = str(folder).rstrip("/")
        return root, {
            name: [f"{home}/{one.name}" for one in files] for name, files in manifest.tables.items()
        }
    root = Path(folder).absolute()
    return root, {name: [file.as_uri() for file in files] for name, files in files_of(root).items()}


def _read(session: SparkSession, folder: Path, table: Table, paths: list[str]) -> None:
    """Let a session read a table by its name."""
    with in_spark_words():
        if paths:
            frame = session.read.parquet(*paths)
            check_columns(table, frame.limit(0).toArrow().schema, folder)
        else:
            frame = session.createDataFrame(table.empty())
        frame.createOrReplaceTempView(table.name)
