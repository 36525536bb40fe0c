"""A folder that driver and executors share: a mounted disk, or an object store.

Layer: bottom of `spark`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from sessionkit.errors import FolderError
from sessionkit.remote import is_url, shown_url


class Place(NamedTuple):
    """A folder by its path or URL; it may not be there yet."""

    root: str

    def below(self, name: str) -> Place:
        """A folder in it."""
        return Place(f"{self.root.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return shown_url(self.root) if is_url(self.root) else self.root

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to write it; what breaks off leaves none, or one that nobody names."""
        with self._plainly("written"):
            if is_url(self.root):
                system, target = self._system(name)
                system.makedirs(target.rpartition("/")[0], exist_ok=True)
                with system.open(target, "wb") as file:
                    yield file
                return
            here = Path(self.root, name)
            here.parent.mkdir(parents=True, exist_ok=True)
            with here.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())

    @contextmanager
    def reading(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to read it here and there."""
        with self._plainly("read"):
            if is_url(self.root):
                system, path = self._system(name)
                with system.open(path, "rb", cache_type="none") as file:
                    yield file
                return
            with Path(self.root, name).open("rb") as file:
                yield file

    def there(self) -> list[str]:
        """The names of what is in it; none, where it is not there."""
        with self._plainly("read"):
            system, path = self._system("")
            if not system.exists(path):
                return []
            found = system.ls(path, detail=False)
            return sorted(each.rstrip("/").rpartition("/")[2] for each in found)

    def move(self, name: str, other: str) -> None:
        """Give a file another name in it, in place of one that has it."""
        with self._plainly("written"):
            system, path = self._system(name)
            _, target = self._system(other)
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.mv(path, target)

    def drop(self, name: str) -> None:
        """Remove a file that is there."""
        with self._plainly("written"):
            system, path = self._system(name)
            system.rm_file(path)

    def remove(self) -> None:
        """Remove it with all that is in it; nothing, where it is not there."""
        system, path = self._system("")
        if system.exists(path):
            system.rm(path, recursive=True)

    def _system(self, name: str) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(f"{self.root.rstrip('/')}/{name}" if name else self.root)
        system.invalidate_cache()  # others write there, too
        return system, str(path)

    @contextmanager
    def _plainly(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FolderError(f"{self}: could not be {what}: {error.strerror or error}.") from error
