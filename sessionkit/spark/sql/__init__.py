"""The questions' SQL for Spark, made from `sessionkit/sql` by `python -m tests.tools.translate`.

Bottom layer: imports nothing from the package.
"""

from importlib.resources import files


def text_of(name: str) -> str:
    """The text of one `.sql` file, such as `totals` or `prepared/facts`.

    Example:
        >>> text_of("prepared/latest").splitlines()[1]
        '-- grain:  one row'
    """
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
