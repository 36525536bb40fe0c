"""One Spark for all tests: in this process, on two cores of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sessionkit.spark.starting import spark_session

SETTINGS = {
    "spark__driver__bindAddress": "127.0.0.1",
    "spark__driver__host": "127.0.0.1",
    "spark__driver__memory": "2g",
    "spark__sql__shuffle__partitions": "2",
    "spark__ui__enabled": "false",
    "spark__ui__showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A session with two cores."""
    session = spark_session("local[2]", **SETTINGS)
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
