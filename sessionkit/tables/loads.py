"""Loads: one row per file met."""

from sessionkit.columns import Column, Kind, Table

LOAD_STATUSES = ("read", "copy", "skipped", "unreadable")
"""What became of a file: read, the same bytes as another, no dump by its name, or not readable."""


def _count(name: str, doc: str) -> Column:
    return Column(name=name, kind=Kind.WHOLE, at_least=0, unit="records", doc=doc)


LOADS = Table(
    name="loads",
    doc="Every file met: what was in it, or why it was not read. For each, `records = sessions + "
    "repeats + older + effects + rejects`; effects in the responses of sessions count in none.",
    grain="file met",
    key=("source_file",),
    columns=(
        Column(
            name="source_file", kind=Kind.TEXT, doc="The file; `archive.zip!name` in an archive."
        ),
        Column(name="status", kind=Kind.TEXT, one_of=LOAD_STATUSES, doc="What became of it."),
        Column(
            name="message",
            kind=Kind.TEXT,
            nullable=True,
            doc="Why it was not read, or what in it was left alone.",
        ),
        Column(
            name="bytes",
            kind=Kind.WHOLE,
            nullable=True,
            at_least=0,
            unit="bytes",
            doc="Its size as it lies there, compressed or not.",
        ),
        Column(
            name="sha256", kind=Kind.TEXT, nullable=True, doc="The checksum of those bytes, in hex."
        ),
        Column(
            name="dialects",
            kind=Kind.TEXTS,
            doc="The shapes of its records, in alphabetical order.",
        ),
        _count("records", "Records in the file."),
        _count("sessions", "Records that are the current version of their session."),
        _count("repeats", "Records that tell the current version once more."),
        _count("older", "Records of a version that another record has overtaken."),
        _count(
            "effects",
            "Rows of an effects export that were taken in; one that another export tells too "
            "counts in both, and stands once in `effects`.",
        ),
        _count("rejects", "Records that could not be taken in."),
    ),
)
