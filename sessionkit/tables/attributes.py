"""Attributes: one row per attribute of a session or of a cart line."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY, key_columns

KINDS = ("string", "number", "boolean", "list", "object", "null")
"""What the value of an attribute can be: the kinds of JSON values."""

ATTRIBUTES = Table(
    name="attributes",
    doc="The shop's own attributes; their names are its own, and are kept as they are.",
    grain="attribute of a session (`line` is null) or of a cart line",
    key=(*SESSION_KEY, "line", "name"),
    rows=("attributes{}", "cartItems[].attributes{}"),
    columns=(
        *key_columns(),
        Column(
            name="line",
            kind=Kind.WHOLE,
            path="#",
            nullable=True,
            at_least=0,
            doc="The line of the cart that has the attribute; null when the session has it.",
        ),
        Column(name="name", kind=Kind.TEXT, path="$key", doc="The attribute's name."),
        Column(
            name="kind",
            kind=Kind.TEXT,
            path="$kind",
            one_of=KINDS,
            doc="What kind of JSON value it is.",
        ),
        Column(
            name="value",
            kind=Kind.JSON,
            path="$value",
            personal=True,
            doc='The value as JSON text: `"DE"`, `5`, `["a", "b"]`.',
        ),
    ),
)
