"""The key that every model table carries, so that any two of them join."""

from sessionkit.columns import Column, Kind

SESSION_KEY = ("application_id", "integration_id")
"""What identifies a session: the same integration id may stand in several applications."""


def key_columns(up: str = "^.") -> tuple[Column, Column]:
    """The two key columns; `up` leads from the row to its session."""
    return (
        Column(
            name="application_id",
            kind=Kind.WHOLE,
            path=f"{up}applicationId",
            completes="never",
            doc="The application (shop, country, brand) that the session belongs to.",
        ),
        Column(
            name="integration_id",
            kind=Kind.TEXT,
            path=f"{up}integrationId",
            completes="never",
            doc="The session's id in the shop's own system; unique within its application.",
        ),
    )
