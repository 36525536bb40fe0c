"""Many records at once: the quick path, which takes what is surely right and leaves the rest."""

from sessionkit.bulk.cells import header_tells, texts_of
from sessionkit.bulk.quick import Quick, Setting, quick
from sessionkit.bulk.seen import Outlines

__all__ = ["Outlines", "Quick", "Setting", "header_tells", "quick", "texts_of"]
