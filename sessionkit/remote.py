"""Files behind URLs: the web by the standard library, all else by fsspec, imported only then.

Layer: below `sources`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse, IncompleteRead
from typing import IO, Any, NamedTuple, Self, cast
from urllib.error import HTTPError
from urllib.request import urlopen

from sessionkit.errors import ReadError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PATTERN = re.compile(r"[*?\[]")
_WEB = ("http", "https")
_PATIENCE = 60.0
"""Seconds to wait for a server that says nothing."""
_PARTS = re.compile(r"([^:]*)://(?:[^/?#]*@)?([^?#]*)(\??)", re.S)
"""Scheme, host and path, and whether a query follows; of what is no proper URL, too."""


class Remote(NamedTuple):
    """A file behind a URL, and its size where the server tells it."""

    url: str
    size: int | None


def is_url(source: str) -> bool:
    """Tell a URL from a path.

    Example:
        >>> is_url("s3://bucket/dump.csv"), is_url("C:/dumps/a.csv")
        (True, False)
    """
    return _URL.match(source) is not None


def shown_url(url: str) -> str:
    """Write a URL for people: without the password, key or signature that it may carry.

    Example:
        >>> shown_url("https://me:secret@host.example/dump.csv?signature=abc")
        'https://host.example/dump.csv?…'
    """
    parts = _PARTS.match(url)
    return f"{parts[1]}://{parts[2]}" + ("?…" if parts[3] else "") if parts else url


def is_web(url: str) -> bool:
    """Tell the web's URLs, in which `?` and `*` are no pattern."""
    return url.partition("://")[0].lower() in _WEB


def expand(url: str) -> tuple[list[Remote], bool]:
    """List the files behind a URL: itself, or those that a pattern or a folder holds.

    Returns:
        The files, sorted by URL, and whether they were found by searching a folder.

    Raises:
        ReadError: There is nothing there, or no way to it.
    """
    if is_web(url):
        return [Remote(url, None)], False
    with _plainly(url):
        system, root = _system(url)
        if _PATTERN.search(root):
            paths = [path for path in system.glob(root) if system.isfile(path)]
            return _remotes(system, paths), False
        if system.isdir(root):
            return _remotes(system, system.find(root)), True
        return _remotes(system, [root]), False


def open_url(url: str) -> tuple[IO[bytes], int | None]:
    """Open a file behind a URL for reading; tell its size too, where the server does.

    Raises:
        ReadError: It cannot be opened.
    """
    with _plainly(url):
        if is_web(url):
            answer = urlopen(url, timeout=_PATIENCE)
            length = answer.headers.get("Content-Length", "")
            return cast(IO[bytes], _Answer(answer)), int(length) if length.isdigit() else None
        system, path = _system(url)
        return cast(IO[bytes], system.open(path, "rb")), None


class _Answer:
    """A web server's answer; where it breaks off, what came is given before that is told."""

    def __init__(self, answer: HTTPResponse) -> None:
        self._answer = answer
        self._broken: IncompleteRead | None = None

    def read(self, size: int = -1, /) -> bytes:
        if self._broken is not None:
            raise self._broken
        try:
            return self._answer.read(size)
        except IncompleteRead as error:
            self._broken = error
            return error.partial or self.read(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()


def _system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # imported late: few sources are URLs

    system, path = url_to_fs(url)
    return system, str(path)


def _remotes(system: Any, paths: list[str]) -> list[Remote]:
    return [
        Remote(str(system.unstrip_protocol(path)), _whole(system.info(path).get("size")))
        for path in sorted(paths)
    ]


def _whole(size: object) -> int | None:
    return size if isinstance(size, int) else None


@contextmanager
def _plainly(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ReadError(f"{shown_url(url)}: there is no such file") from error
    except MemoryError:
        raise
    except Exception as error:  # file systems behind fsspec have each their own
        why = str(error).replace(url, shown_url(url))
        if isinstance(error, HTTPError):  # it is an answer too, with a line of its own
            error.close()
        raise ReadError(f"{shown_url(url)}: cannot be opened ({why})") from error
