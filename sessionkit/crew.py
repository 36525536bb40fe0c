"""Threads that work side by side, each with a small database of its own.

Work is done in DuckDB, Polars and Arrow, which let go of Python's lock; so threads use the cores
there are, and share memory.

Layer: bottom; knows nothing of sessions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, local
from types import TracebackType
from typing import Self, TypeVar

import duckdb

from sessionkit.machine import cores

T = TypeVar("T")
U = TypeVar("U")


class Crew:
    """As many threads as there are cores.

    Example:
        >>> with Crew() as crew:
        ...     list(crew.map(lambda crew, number: 2 * number, range(3)))
        [0, 2, 4]
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="sessionkit")
        self._own = local()
        self._opened: list[duckdb.DuckDBPyConnection] = []
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._opened:
            connection.close()

    @property
    def db(self) -> duckdb.DuckDBPyConnection:
        """The database of the thread that asks: in memory, on one core, with no way out."""
        if not hasattr(self._own, "db"):
            connection = duckdb.connect(":memory:")
            connection.execute("set threads = 1")
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set python_enable_replacements = false")
            connection.execute("set enable_external_access = false")
            with self._lock:
                self._opened.append(connection)
            self._own.db = connection
        found: duckdb.DuckDBPyConnection = self._own.db
        return found

    def map(self, work: Callable[[Crew, T], U], items: Iterable[T]) -> Generator[U, None, None]:
        """Do some work for each item; results come in the order of the items.

        Items are taken as they are needed: no more than there are threads are waiting or under
        way, so memory is bounded. Closing it early lets go of what is waiting.
        """
        under_way: deque[Future[U]] = deque()
        try:
            for item in items:
                under_way.append(self._pool.submit(work, self, item))
                while len(under_way) > cores() or (under_way and under_way[0].done()):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for left in under_way:
                left.cancel()
