"""Running pure functions on Spark's executors, one task per item.

A task may run twice, or its result be lost and made again; so what it does must leave nothing
behind that is not named in its result.

Layer: above `starting`.
"""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pyarrow as pa

from sessionkit.errors import EngineError, FolderError, SessionkitError
from sessionkit.machine import THREADS
from sessionkit.spark.starting import first_line, quietly
from sessionkit.version import version

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
U = TypeVar("U")

_RESULTS = pa.schema([("place", pa.int64()), ("result", pa.binary())])


class _Failed(NamedTuple):
    """What a task ended with that would only fail again."""

    error: SessionkitError


def run(spark: SparkSession, work: Callable[[T], U], items: Sequence[T], what: str) -> list[U]:
    """Do some work for each item on the executors, as one job.

    Args:
        spark: The session.
        work: A function of a module, which can be imported on the executors; or a `partial` of
            one, with what is the same for all items.
        items: What it is called with; they are pickled, as are the results.
        what: What the job does, for Spark's pages and for messages.

    Returns:
        The results, in the order of the items.

    Raises:
        SessionkitError: As the work raised it.
        EngineError: Spark could not do it, although it tried as often as it is set to.
    """
    if not items:
        return []
    task = _task(work, [pickle.dumps(item) for item in items], version())
    numbers = spark.range(0, len(items), 1, len(items))
    with quietly():
        frame = numbers.mapInArrow(task, "place bigint, result binary")
    tag = f"sessionkit-{token_hex(8)}"
    spark.addTag(tag)
    try:
        rows = frame.collect()
    except Exception as error:
        raise EngineError(f"Spark could not {what}: {told(error)}.") from error
    except BaseException:
        spark.interruptTag(tag)
        raise
    finally:
        spark.removeTag(tag)
    results = {row["place"]: pickle.loads(row["result"]) for row in rows}
    for result in results.values():
        if isinstance(result, _Failed):
            raise result.error
    return [results[place] for place in range(len(items))]


def cores_of(spark: SparkSession) -> int:
    """How many tasks run side by side, as far as the session can tell."""
    try:
        return int(spark.sparkContext.defaultParallelism)
    except (AttributeError, NotImplementedError, RuntimeError):  # as over Spark Connect
        return 8


def _task(
    work: Callable[[T], U], items: Sequence[bytes], expected: str
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that Spark calls with the numbers of the items of one task."""

    def task(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                result = done(work, items[place], expected)
                yield pa.record_batch([[place], [result]], schema=_RESULTS)

    return task


def done(work: Callable[[T], U], item: bytes, expected: str) -> bytes:
    """Do the work for one item, on one core, and give the pickled result."""
    os.environ.setdefault(THREADS, "1")
    try:
        if version() != expected:
            raise EngineError(
                f"an executor has sessionkit {version()}, and the driver {expected}: install the "
                "same on both."
            )
        return pickle.dumps(work(pickle.loads(item)))
    except FolderError:
        raise  # a disk or a store may be well again when Spark tries once more
    except SessionkitError as error:
        return pickle.dumps(_Failed(error))


def told(error: Exception) -> str:
    """What of a failed job's long story tells most."""
    lines = [line.strip() for line in str(error).splitlines()]
    if any("No module named 'sessionkit" in line for line in lines):
        return "sessionkit is not installed on the executors"
    own = [line for line in lines if _is_fault(line)]
    last = own[-1] if own else first_line(error)
    return re.sub(r"^sessionkit\.errors\.\w+: ", "", last).removesuffix(".")


def _is_fault(line: str) -> bool:
    """Whether a line ends a traceback of Python's own, not of Spark's."""
    name, colon, _ = line.partition(": ")
    dotted = all(part.isidentifier() for part in name.split("."))
    spark = name.startswith(("pyspark.", "org.", "java.", "py4j.")) or name == "Caused by"
    return bool(colon) and dotted and not spark and ("." in name or name.endswith("Error"))
