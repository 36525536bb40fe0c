"""Made-up dumps in every dialect and container, and the right answers about them.

The answers are computed from the facts that the dumps are written from, never by reading a dump,
so that they can witness for or against the reader.

Layer: of the package, imports only `errors` and `lifecycle`.
"""

from sessionkit.generate.run import generate
from sessionkit.generate.telling import NAMES as DIALECTS

__all__ = ["DIALECTS", "generate"]
