"""Rejects: one row per record that could not be taken in."""

from sessionkit.columns import Column, Kind, Table

REJECTS = Table(
    name="rejects",
    doc="Records that could not be taken in, whole, with every reason; so they can be mended.",
    grain="record that could not be taken in",
    key=("source_file", "source_record"),
    columns=(
        Column(name="source_file", kind=Kind.TEXT, doc="The file that held the record."),
        Column(
            name="source_record",
            kind=Kind.WHOLE,
            at_least=1,
            doc="The place of the record in its file, from 1.",
        ),
        Column(
            name="source_offset",
            kind=Kind.WHOLE,
            at_least=0,
            unit="bytes",
            doc="Where the record begins in its file, after decompression.",
        ),
        Column(
            name="dialect",
            kind=Kind.TEXT,
            nullable=True,
            doc="The shape of the record, if it could be told.",
        ),
        Column(
            name="application_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The session's application, if it could be read.",
        ),
        Column(
            name="integration_id",
            kind=Kind.TEXT,
            nullable=True,
            doc="The session's integration id, if it could be read.",
        ),
        Column(
            name="updated_at",
            kind=Kind.INSTANT,
            nullable=True,
            doc="The record's last update, if it could be read.",
        ),
        Column(
            name="reasons",
            kind=Kind.REASONS,
            doc="Every fault found: code, path, what was expected, what was found.",
        ),
        Column(name="raw", kind=Kind.BYTES, personal=True, doc="The record's bytes as they were."),
    ),
)
