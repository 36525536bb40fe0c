"""Leaving out rows beyond a limit where all of them had to be ranked first.

Layer: inside `questions`; imports `result` from below.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from sessionkit.result import Result


def cut(result: Result, limit: int) -> tuple[Result, int]:
    """Leave out rows beyond a limit in a comparison, in which all had to be ranked, now and before.

    Args:
        result: A comparison; `place` is the place of a row in its group from 1, and 0 for a row
            that only the time before has.
        limit: How many rows of each group stay: the first ones of now.

    Returns:
        What is left, and how many rows were left out.
    """
    places = result.table["place"].to_pylist()
    table = result.table.filter(pa.array([0 < place <= limit for place in places], pa.bool_()))
    return replace(result, table=table), len(result) - len(table)
