"""The quick way through JSON objects that are valid, whatever strings them together.

A decoder that skips values in C says where a value ends: at the byte that it complains of, since
no JSON text has anything behind its value. So objects in arrays, in pages, spread over lines or
standing on one line are found at its speed, and as surely as by reading them.

Layer: above `lines` and `scanning`; below `splitting`.
"""

from __future__ import annotations

import re

import msgspec

from sessionkit.lines import page_place
from sessionkit.records import Run, run_of
from sessionkit.scanning import End, Scan, scan
from sessionkit.window import Window

_VALUE = msgspec.json.Decoder(msgspec.Raw)
_BEHIND = "trailing characters (byte "
_CUT_OFF = "Input data was truncated"
_ROOM = b" " * 16
"""Behind a text, so that the decoder does not call an escape or a word that is wrong cut off."""
_BETWEEN = re.compile(rb"(?:[ \t\r\n,\x1e]|\xef\xbb\xbf)*+")
_SPACE = b" \t\r\n"
_OBJECT = 0x7B
_NEXT, _NEXT_IN_ARRAY = b",{[\x1e\xef", b",{[\x1e\xef]"
"""What may follow an object, so that it is a record, and not the beginning of a broken one."""
_FIRST_REACH, _REACH = 1 << 12, 1 << 19
"""How many bytes are looked through at once: few at first, and where objects are bad."""


def value_end(text: bytes | memoryview) -> int | None:
    """Give the index of what follows the JSON value that a text begins with, and white space.

    Returns:
        Its length when nothing follows; 0 when the value is not valid; None when it does not end.

    Example:
        >>> [value_end(text) for text in (b"[1, 2] ,", b"[1]", b"[1, 2", b"[1}")]
        [7, 3, None, 0]
    """
    try:
        _VALUE.decode(text)
    except msgspec.DecodeError as error:
        message = str(error)
        _, behind, place = message.partition(_BEHIND)
        if behind:
            return int(place[:-1]) - 1  # it counts the byte that it complains of
        return None if message == _CUT_OFF else 0
    except RecursionError:
        return 0
    return len(text)


class Objects:
    """The valid objects ahead in a window, inside and outside of containers."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._reach = _FIRST_REACH
        self._size = _FIRST_REACH

    def slow_down(self) -> None:
        """Look no further than one line or two the next time."""
        self._reach = _FIRST_REACH

    def take(
        self, number: int, container: str, *, at_top: bool, pages: bool
    ) -> tuple[Run, bytes | None] | None:
        r"""Take some of the objects ahead, and leave the window behind them.

        Args:
            number: Of the first.
            container: What they stand in.
            at_top: Whether they stand in no array.
            pages: Whether a page may be among them; it is not taken then.

        Returns:
            Them, and what the line begins with that the last line feed between them began;
            None if what is ahead is anything else.

        Example:
            >>> import io
            >>> window = Window(io.BytesIO(b'{"a": 1},\n  {"b":\n2}, [] ]'))
            >>> run, margin = Objects(window).take(1, "json", at_top=False, pages=True)
            >>> run.data, run.starts, margin, window.pos
            (b'{"a": 1}    {"b":\n2}', [0, 12, 20], b'  ', 20)
        """
        window, start = self._window, self._window.pos
        window.has(start + self._reach - 1)
        text = bytes(window.data[start : start + self._reach])
        if pages and (place := page_place(text)) is not None:
            text = text[:place]
        texts, starts, margin = _objects(text, _NEXT if at_top else _NEXT_IN_ARRAY)
        taken = starts[-1] + len(texts[-1]) if texts else 0
        reach = 2 * taken if texts else self._reach * 2
        self._reach = min(max(reach, _FIRST_REACH), _REACH)
        if not texts:
            return None
        window.pos = start + taken
        return run_of(number, window.base + start, texts, starts, container), margin

    def scan(self, start: int, margin: bytes, limit: int) -> Scan | None:
        """Tell of a value that is valid JSON what `scanning.scan` tells of it, but sooner.

        Args:
            start: The index of the value's opening bracket; the window is not moved on.
            margin: What the value's line begins with.
            limit: How far to look for its end.

        Returns:
            None if it is not valid. An object that ends beyond the limit, or the stream, is long
            when it has a member `data`; else None is given, too.
        """
        text, size = self._value(start, limit)
        if size == 0:
            return None
        data_at = None
        if page_place(text[:size]) is not None:
            data_at = scan(self._window, start, margin, to_data=True).data_at
        if size is None:
            long = Scan(End.LONG, start + len(text), data_at, None, None)
            return None if data_at is None else long
        end = start + len(text[:size].rstrip(_SPACE))
        if data_at is None:
            return Scan(End.CLOSED, end, None, None, None)
        data = text[data_at - start : size]
        data_end = data_at + len(data[: value_end(data)].rstrip(_SPACE))
        return Scan(End.CLOSED, end, data_at, data_end, None)

    def _value(self, start: int, limit: int) -> tuple[bytes, int | None]:
        """Give the text from an index on as far as it was needed, and the end of its value.

        Returns:
            The end is as `value_end` tells it; None, too, when the stream ends before the value.
        """
        window, reach = self._window, min(self._size, limit)
        while True:
            more = window.has(start + reach - 1)
            text = bytes(window.data[start : start + reach])
            if (size := value_end(text)) is not None:
                self._size = min(max(size + size // 4, _FIRST_REACH), limit)
                return text, size
            if not more:
                return text, None if value_end(text + _ROOM) is None else 0
            if reach >= limit:
                return text, None
            reach = min(4 * reach, limit)


def _objects(text: bytes, follow: bytes) -> tuple[list[bytes], list[int], bytes | None]:
    """Give the objects that a text begins with, where they begin, and the margin of the last."""
    texts: list[bytes] = []
    starts: list[int] = []
    margin: bytes | None = None
    view, at, end = memoryview(text), 0, 0
    while at < len(text) and text[at] == _OBJECT and (size := value_end(view[at:])):
        behind = at + size
        value = text[at:behind].rstrip(_SPACE)
        if behind == len(text):  # whether junk follows is unknown
            break
        if text[behind] not in follow and b"\n" not in text[at + len(value) : behind]:
            break
        if (line := text.rfind(b"\n", end, at)) >= 0:
            margin = text[line + 1 : at]
        texts.append(value)
        starts.append(at)
        end = at + len(value)
        between = _BETWEEN.match(text, behind)
        at = between.end() if between else behind
    return texts, starts, margin
