"""The store: dumps loaded again and again into one file, with history.

Layer: above `reading`; `cli` stands on it.
"""

from sessionkit.store.drift import drift_lines
from sessionkit.store.history import session_history
from sessionkit.store.loaded import Loaded
from sessionkit.store.store import Store

__all__ = ["Loaded", "Store", "drift_lines", "session_history"]
