"""One run: sessions drawn, told, written and added up, one after the other.

Layer: top of `generate`; of the package, imports `errors`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any

from sessionkit.errors import UsageError
from sessionkit.generate.analytics import FOLDER as ANALYTICS
from sessionkit.generate.desk import Desk, tell_all
from sessionkit.generate.doubts import TWEAKS
from sessionkit.generate.effect_files import EffectDesk
from sessionkit.generate.files import shelf
from sessionkit.generate.planting import Plan, Planter, everything
from sessionkit.generate.telling import (
    CSHARP_OMITS_ZEROS,
    CSV_EXPORT,
    EFFECTS_EXPORT,
    Telling,
    chosen,
)
from sessionkit.generate.writers import Folder

_FOLDERS = ("dumps", "dumps_csharp", ANALYTICS)


def generate(
    out: str | Path,
    *,
    sessions: int = 1000,
    seed: int = 0,
    dialects: str | Iterable[str] | None = None,
    defects: bool = False,
) -> Path:
    """Write made-up dumps and the right answers about them.

    The same arguments give the same bytes. Sessions are written as they are made, so that memory
    does not grow with their number. Dumps go to `out/dumps`, answers to `out/answers.json`; what
    the C# SDK writes goes to `out/dumps_csharp`, since a reader has to be told that zeros were
    left out there, and its answers stand under `dumps_csharp`. What Talon.One's campaign analytics
    would say of the dumps goes to `out/campaign_analytics`, where a CSV export tells of closing.

    Args:
        out: The folder to write into; made if it is not there. Dumps of an earlier run in it are
            an error, for answers must be about all that is there.
        sessions: How many sessions, over all dialects; there are more records, as some sessions
            are told several times.
        seed: Any whole number; another seed, another world.
        dialects: One name from `DIALECTS`, or several; all for None.
        defects: Plant bad records of every kind, files that break off, and odd sessions.

    Returns:
        `out` as a path.

    Raises:
        UsageError: An unknown dialect, fewer than one session, or dumps that are there already.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     out = generate(folder, sessions=3, seed=1, dialects=["v1_session"])
        ...     sorted(path.name for path in out.iterdir())
        ['answers.json', 'dumps']
    """
    if sessions < 1:
        raise UsageError(f"sessions must be at least 1, got {sessions}")
    tellings = chosen(dialects)
    out = Path(out)
    for folder in _FOLDERS:
        if (out / folder).exists() and any((out / folder).iterdir()):
            raise UsageError(f"{out / folder} is not empty: choose another folder, or delete it")
    out.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {"seed": seed, "sessions_requested": sessions, "defects": defects}
    about |= {"dialects": [telling.name for telling in tellings]}
    answers = out / "answers.json"
    try:
        found = _write(out, sessions, seed, tellings, defects=defects)
        answers.write_bytes(_text(about | found).encode())
    except BaseException:  # a disk that is full, or Ctrl-C: dumps without answers are worth nothing
        for folder in _FOLDERS:
            rmtree(out / folder, ignore_errors=True)
        answers.unlink(missing_ok=True)
        raise
    return out


def _text(answers: dict[str, Any]) -> str:
    return json.dumps(answers, indent=1, ensure_ascii=False) + "\n"


def _write(
    out: Path, count: int, seed: int, tellings: Sequence[Telling], *, defects: bool
) -> dict[str, Any]:
    """Write all sessions, and return the answers about them."""
    of_sessions = tuple(telling for telling in tellings if telling is not EFFECTS_EXPORT)
    drawn = of_sessions or (CSV_EXPORT,)  # exports of effects alone are about sessions untold
    files = shelf(drawn, defects=defects)
    plan = everything(of_sessions, files) if defects else ()
    with Folder(out / "dumps") as dumps, Folder(out / "dumps_csharp") as apart:
        desks = {f.path.name: _desk(f, count, seed, plan) for f in (dumps, apart)}
        if EFFECTS_EXPORT in tellings:
            desks["dumps"].effects = EffectDesk(dumps, defects=defects)
        desks["dumps"].sessions = bool(of_sessions)
        tell_all(count, seed, drawn, files, desks)
    if CSV_EXPORT in of_sessions:  # nothing else tells when sessions were closed
        told = desks["dumps"]
        told.answers.analytics = told.analytics.write(out / ANALYTICS, defects=defects)
    answers = desks["dumps"].answers.written()
    if CSHARP_OMITS_ZEROS in tellings:
        answers["dumps_csharp"] = desks["dumps_csharp"].answers.written()
    if found := desks["dumps"].answers.analytics:
        answers[ANALYTICS] = found
    return answers


def _desk(folder: Folder, count: int, seed: int, plan: Plan) -> Desk:
    """The desk of a folder; where bad records are planned, with those that go there."""
    if not plan:
        return Desk(folder)
    name = folder.path.name
    here = [(file, defect) for file, defect in plan if file.telling.folder == name]
    oddities = tuple(TWEAKS) if name == "dumps" else ()
    return Desk(folder, Planter(seed, count, here, newer=True), oddities)
