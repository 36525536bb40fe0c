"""The dialects of a dump: how each spells a session, and what it leaves out."""

from sessionkit.dialects.members import Session
from sessionkit.dialects.shapes import DIALECTS, Dialect
from sessionkit.dialects.understand import understand

__all__ = ["DIALECTS", "Dialect", "Session", "understand"]
