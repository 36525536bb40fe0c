"""Findings: one row per doubt about a record that was taken in."""

from sessionkit.columns import Column, Kind, Table

SEVERITIES = ("info", "warning", "error")
"""How grave a finding is, least first."""

FINDINGS = Table(
    name="findings",
    doc="Doubts about what was taken in; the sessions stay in.",
    grain="doubt about a record that was taken in, or about a file",
    key=(),
    columns=(
        Column(name="rule", kind=Kind.TEXT, doc="The rule that was broken."),
        Column(name="severity", kind=Kind.TEXT, one_of=SEVERITIES, doc="How grave it is."),
        Column(
            name="application_id", kind=Kind.WHOLE, nullable=True, doc="The session's application."
        ),
        Column(
            name="integration_id",
            kind=Kind.TEXT,
            nullable=True,
            doc="The session's integration id; null when the finding is about a file.",
        ),
        Column(
            name="path", kind=Kind.TEXT, nullable=True, doc="Where in the record, or which key."
        ),
        Column(name="expected", kind=Kind.TEXT, nullable=True, doc="What the rule expects."),
        Column(name="seen", kind=Kind.TEXT, nullable=True, personal=True, doc="What was there."),
        Column(
            name="amount",
            kind=Kind.MONEY,
            nullable=True,
            unit="currency of the application, or what the path holds",
            doc="By how much it is off, where that is a number.",
        ),
        Column(
            name="count",
            kind=Kind.WHOLE,
            at_least=1,
            doc="How many times it was met: 1, or more where a file's records are counted.",
        ),
        Column(name="source_file", kind=Kind.TEXT, doc="The file it was met in."),
        Column(
            name="source_record",
            kind=Kind.WHOLE,
            nullable=True,
            at_least=1,
            doc="The record in that file, from 1; null when the finding is about a file.",
        ),
    ),
)
