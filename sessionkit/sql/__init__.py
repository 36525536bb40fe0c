"""The questions, audits and steps of resolving, as `.sql` files that read on their own.

Bottom layer: imports nothing from the package.
"""

from importlib.resources import files


def text_of(name: str) -> str:
    """The text of one `.sql` file, such as `totals` or `audits/missing-total`.

    Example:
        >>> text_of("resolve/ranked").splitlines()[1]
        '-- grain:  one row per record'
    """
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
