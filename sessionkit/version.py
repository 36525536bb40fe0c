"""The version of the package that runs. Bottom layer: imports nothing from the package."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """The version that is installed, or `unknown` when the package runs from its source."""
    try:
        return installed("sessionkit")
    except PackageNotFoundError:
        return "unknown"
