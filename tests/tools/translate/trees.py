"""What rules are made of: expressions in Spark's words."""

from __future__ import annotations

from sqlglot import exp

DIALECT = "databricks"
"""The dialect of sqlglot whose answers Spark gives right."""


def spark(text: str) -> exp.Expression:
    """An expression that is written as Spark wants it."""
    return exp.maybe_parse(text, dialect=DIALECT)


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A call that sqlglot leaves as it is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def function_name(node: exp.Expression | None) -> str:
    """What a function is called that sqlglot does not know; empty for all else."""
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else ""


def place_in(index: exp.Expression) -> int:
    """A place in a list, from 1; sqlglot counts from 0."""
    return int(index.this) + 1
