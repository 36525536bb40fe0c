"""Write the texts for Spark anew: `python -m tests.tools.translate`, or `--check`."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa

from sessionkit.questions import QUESTIONS
from tests.tools.translate.text import HOME, text_for_spark

TARGET = HOME.parent / "spark" / "sql"
"""Where the texts for Spark are."""


def names() -> list[str]:
    """The texts that questions read."""
    parts = [
        f"{one.parent.name}/{one.stem}"
        for kind in ("prepared", "dimensions")
        for one in sorted((HOME / kind).glob("*.sql"))
    ]
    return [*parts, *QUESTIONS, "reconcile"]


def fresh() -> dict[Path, str]:
    """Every text, by its file."""
    return {TARGET / f"{name}.sql": text_for_spark(name, types_of(name)) for name in names()}


def types_of(name: str) -> dict[str, str] | None:
    """The types of a question's answer, as the embedded engine gives them of nothing."""
    if name not in QUESTIONS:
        return None
    schema = QUESTIONS[name].function({}, by=()).table.schema
    return {field.name: _spark_type(field.type) for field in schema}


def _spark_type(type: pa.DataType) -> str:
    if pa.types.is_list(type):
        return f"array<{_spark_type(type.value_type)}>"
    if pa.types.is_decimal(type):
        return f"decimal({type.precision}, {type.scale})"
    return _TYPES[str(type)]


_TYPES = {
    "int64": "bigint",
    "int32": "int",
    "string": "string",
    "bool": "boolean",
    "double": "double",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamp",
}


def main() -> int:
    """Write, or compare."""
    texts = fresh()
    stale = [path for path in TARGET.rglob("*.sql") if path not in texts]
    changed = [
        path
        for path, text in texts.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in [*changed, *stale]:
        print(path.relative_to(TARGET))  # noqa: T201
    if "--check" in sys.argv[1:]:
        return 1 if changed or stale else 0
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    for path in stale:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
