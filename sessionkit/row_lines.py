"""The quick way through lines of CSV: many rows at once.

Layer: above `window`; below `rows`.
"""

from __future__ import annotations

import csv
import io

from sessionkit.window import Window

_FIRST_REACH, _REACH = 1 << 12, 1 << 18
"""How many bytes are cut into rows at once: few at first, and where rows are bad."""


class RowLines:
    r"""The whole lines ahead in a window, cut into rows.

    Example:
        >>> window = Window(io.BytesIO(b'7,"a\nb"\n8,c\n9,"d'))
        >>> RowLines(window).ahead(",")
        ([['7', 'a\nb'], ['8', 'c']], [2, 3], [b'7,"a\n', b'b"\n', b'8,c\n'])
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._reach = _FIRST_REACH

    def ahead(self, delimiter: str) -> tuple[list[list[str]], list[int], list[bytes]]:
        """Cut some of the lines ahead, up to a row that is none; the window is not moved on.

        Returns:
            The cells of each row, the number of its last line, counted from 1, and the lines.
        """
        window = self._window
        window.forget()
        window.has(window.pos + self._reach - 1)
        behind = min(window.pos + self._reach, max(window.stop, window.pos))
        end = window.data.rfind(b"\n", window.pos, behind) + 1
        lines = io.BytesIO(window.data[window.pos : end]).readlines()
        rows: list[list[str]] = []
        last: list[int] = []
        reader = csv.reader(map(bytes.decode, lines), delimiter=delimiter, strict=True)
        try:
            for row in reader:
                rows.append(row)
                last.append(reader.line_num)
        except (csv.Error, UnicodeDecodeError):
            pass
        return rows, last, lines

    def went(self, size: int) -> None:
        """Tell how many bytes of the lines were good; as many as that are tried the next time."""
        self._reach = min(max(2 * size, _FIRST_REACH), _REACH)
