"""Importing pandera by itself, although Spark is installed.

Where it finds PySpark, pandera imports `pyspark.pandas`, which takes time, warns of pandas, and
sets `SPARK_LOCAL_IP` to the loopback, so that a driver could not be reached by its executors any
more. Nothing here has any use for that.

Bottom layer: imports nothing from the package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MODULE = "pyspark.pandas"
_SET = ("SPARK_LOCAL_IP", "PYARROW_IGNORE_TIMEZONE")
"""The variables of the environment that pandera sets."""


@contextmanager
def lone_pandera() -> Iterator[None]:
    """Within this, pandera is imported as if there were no Spark; unless somebody uses it."""
    if _MODULE in sys.modules:
        yield
        return
    before = {name: os.environ.get(name) for name in _SET}
    sys.modules[_MODULE] = None  # type: ignore[assignment]  # an import of it fails
    try:
        yield
    finally:
        del sys.modules[_MODULE]
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
