"""Where a JSON record ends that does not end well, so that the next one is not lost.

Layer: above `scanning`; below `splitting`.
"""

from __future__ import annotations

import re

from sessionkit.lines import looks_like_page
from sessionkit.scanning import End, Scan, is_opening_line, next_line
from sessionkit.window import LIMIT, Window

_SAME_LINE = re.compile(rb"[ \t\r]*+")
_SCALAR = re.compile(rb'(?:[^"\[\]{},\n]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")*+')
_STRAY = re.compile(rb"[ \t\r}]*+")
_OPENING_LINE = 99
_QUOTE, _LIST, _LIST_END, _LINE_FEED = b'"[]\n'


def with_junk(window: Window, end: int, *, at_top: bool) -> int:
    """Give the end of a value and of what stands behind it in its line and belongs to nothing.

    At the top of a file that is all the rest of the line, unless a further value begins in it.
    In an array it is a brace too many, if the array goes on behind it.
    """
    near = window.over(_SAME_LINE, end)
    if not window.has(near) or window.data[near] in b"\n,\x1e{[\xef":
        return end
    if at_top:
        return end + len(bytes(window.data[end : window.line_end(end)]).rstrip())
    behind = window.over(_STRAY, near)
    if behind > near and window.has(behind) and window.data[behind] in b",]{":
        return near + len(bytes(window.data[near:behind]).rstrip())
    return end


def scalar_end(window: Window, start: int) -> int:
    """Give the end of a scalar in an array; of a string without an end, that of its line."""
    while True:
        found = _SCALAR.match(window.data, start)
        end = found.end() if found else start
        if end < len(window.data) and window.data[end] != _QUOTE:
            return end
        if end < len(window.data) and (line := window.data.find(b"\n", end)) >= 0:
            return line
        if end - start > LIMIT or not window.more():
            return len(window.data)


def torn_end_at_top(window: Window, start: int, margin: bytes, _: Scan) -> int | None:
    """Give the end of a torn value at the top of a file; None if there is none to be found."""
    end = window.line_end(start)
    if is_opening_line(bytes(window.data[start : min(end, start + _OPENING_LINE)])):
        behind = next_line(window, start, margin)
        end = len(window.data) if behind is None else behind
    else:
        while end - start < LIMIT and _goes_on(window, end + 1, margin):
            end = window.line_end(end + 1)
    cut_off = window.broken is not None and not window.has(end)
    return None if cut_off or end - start >= LIMIT else end


def torn_end_in_container(window: Window, start: int, margin: bytes, found: Scan) -> int | None:
    """Give the end of a torn value in an array or a page; None if there is none to be found."""
    own_end = found.end is End.TORN and window.data[found.at] == _LIST_END
    behind = found.at + len(margin) + 2  # a line that the scan has come to, or just not
    if (line := next_line(window, start, margin, behind)) is not None:
        return line
    if found.suspect is not None:
        return found.suspect
    return found.at if own_end else None


def restarts(window: Window, end: int, margin: bytes, *, page: bool) -> bool:
    """Whether a line begins behind `end` that opens a container as that which is torn."""
    start = end + 1 + len(margin)
    if window.data[end] != _LINE_FEED:
        return False
    return looks_like_page(window, start) if page else window.data[start] == _LIST


def behind_long(window: Window, start: int, margin: bytes) -> re.Pattern[bytes] | None:
    """What a record larger than any ends before: its line's end, if that has not come yet.

    Of one that is spread over lines, it is the next line that begins as its own. None if it has no
    line of its own: nothing tells then where it ends.
    """
    head = b"\n" + margin
    if window.data[max(start - len(head), 0) : start] not in (head, margin):
        return None
    spread = window.data.find(b"\n", start, start + LIMIT) >= 0
    return re.compile(b"%b(?=[{\\[])" % re.escape(head) if spread else b"\n")


def _goes_on(window: Window, start: int, margin: bytes) -> bool:
    """Whether a line is indented deeper than the margin, or begins with a closing bracket."""
    behind = start + len(margin)
    if not window.has(behind) or window.data[start:behind] != margin:
        return False
    return window.data[behind] in b" \t]}"
