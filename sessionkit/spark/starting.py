"""A Spark session for a command or a test; jobs under `spark-submit` bring their own.

Layer: bottom of `spark`.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessionkit.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NO_SPARK = "Spark is not installed: pip install 'sessionkit[spark]'"
_NO_JAVA = (
    "Spark needs a Java runtime, 17 or newer, and there is none: install one, or set JAVA_HOME to "
    "where it is"
)


def spark_session(master: str | None = None, **settings: str) -> SparkSession:
    """Start Spark, or take the session that is there.

    Args:
        master: Where it runs, such as `local[4]` or `spark://host:7077`; by default as
            `spark-submit` or Spark's own settings say.
        settings: Settings of Spark, with `__` for the dots: `spark__ui__enabled="false"`.

    Returns:
        The session, in UTC. Executors use the Python that runs this, unless `PYSPARK_PYTHON` tells
        another.

    Raises:
        EngineError: There is no Spark, no Java, or it does not start.
    """
    if not _has_java():
        raise EngineError(f"{_NO_JAVA}.")
    try:
        with quietly():
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(f"{_NO_SPARK} ({error}).") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder.appName("sessionkit")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    if master is not None:
        builder = builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name.replace("__", "."), value)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise EngineError(f"Spark does not start: {first_line(error)}.") from error
    except Exception as error:
        if type(error).__module__.startswith("py4j"):
            raise EngineError(f"Spark does not start: {first_line(error)}.") from error
        raise


@contextmanager
def quietly() -> Iterator[None]:
    """Within this, Spark does not warn of a pandas that nothing here makes use of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].removesuffix(".") if lines else type(error).__name__


def _has_java() -> bool:
    if home := os.environ.get("JAVA_HOME"):
        return (Path(home) / "bin" / "java").is_file()
    return shutil.which("java") is not None
