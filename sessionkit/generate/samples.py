"""The small samples that come with the package: one file for each of four dialects.

`python -m sessionkit.generate.samples data` writes them. They tell one world: sessions of the V1
file turn up again in the CSV export, those of the V2 responses on the list pages. Two records of
the V1 file are bad, so that a first report has something to say about rejects.

Layer: above `desk`; of the package, imports nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sessionkit.generate import telling as t
from sessionkit.generate.calendar import END, START
from sessionkit.generate.defects import DEFECTS
from sessionkit.generate.desk import Desk, tell_all
from sessionkit.generate.files import File, Shelf, Window
from sessionkit.generate.planting import Planter
from sessionkit.generate.writers import Folder

SEED = 2026
SESSIONS = 400

_BAD = ("comma-in-total", "two-faults")
_TELLINGS = (t.CSV_EXPORT, t.SESSION_LIST, t.V1_SESSION, t.V2_RESPONSE)
_V1 = File(t.V1_SESSION, "v1_sessions.jsonl")
_SHELF = Shelf(
    exports=(File(t.CSV_EXPORT, "sessions_export.csv", "csv", window=Window(270, START, END)),),
    others=(
        File(t.SESSION_LIST, "session_list.json", "pages"),
        _V1,
        File(t.V2_RESPONSE, "v2_responses.jsonl"),
    ),
)


def samples(folder: str | Path) -> dict[str, Any]:
    """Write the samples into a folder, over those that are there.

    Returns:
        The right answers about them, as `generate` writes them.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     answers = samples(folder)
        >>> answers["rejects"], sorted(answers["files"])[0]
        (2, 'session_list.json')
    """
    plan = [(_V1, defect) for defect in DEFECTS if defect.kind in _BAD]
    with Folder(Path(folder)) as out:
        desk = Desk(out, Planter(SEED, SESSIONS, plan))
        tell_all(SESSIONS, SEED, _TELLINGS, _SHELF, {"dumps": desk})
    return desk.answers.written()


if __name__ == "__main__":
    samples(sys.argv[1] if len(sys.argv) > 1 else "data")
