"""Regular expressions on Spark, by the library that the embedded engine uses: RE2.

Java's own would read some patterns otherwise, and in silence.

Layer: bottom of `spark`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def register_patterns(session: SparkSession) -> None:
    """Let statements of a session call `matches_pattern` and `first_match`."""
    from pyspark.sql.functions import arrow_udf

    session.udf.register("matches_pattern", arrow_udf(matches, "boolean"))
    session.udf.register("first_match", arrow_udf(first_matches, "string"))


def matches(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """Say of each text whether the pattern matches anything in it.

    Example:
        >>> matches(pa.array(["guest-1", None]), pa.array(["^guest", "^guest"])).to_pylist()
        [True, None]
    """
    return pc.match_substring_regex(texts, patterns[0].as_py() if len(patterns) else "")


def first_matches(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """Tell of each text what the pattern matches first in it; empty where that is nothing.

    Example:
        >>> first_matches(pa.array(["SUMMER24", "X", None]), pa.array(["^SUMMER"] * 3)).to_pylist()
        ['SUMMER', '', None]
    """
    pattern = patterns[0].as_py() if len(patterns) else ""
    found = pc.extract_regex(texts, f"(?P<whole>{pattern})").field("whole")
    return pc.if_else(pc.is_null(texts), None, pc.fill_null(found, ""))
