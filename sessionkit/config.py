"""What holds for all commands and questions of a place: `sessionkit.toml`.

    tz = "Europe/Berlin"          # days, weeks and months are cut in it
    guests = "^guest-"            # profiles that match it are anonymous
    currencies = "EUR"            # of all applications; or of each, as below
    assume_tz = "Europe/Berlin"   # the zone of times that name none
    effects_complete = "2026-01-01.."  # from then on, exports of effects tell all of them

    [applications]                # what people see beside the number
    270 = "Shop Germany"
    [currencies]
    270 = "EUR"
    [empty_discounts]
    270 = "zero"
    [total_basis]
    322 = "after_discounts"
    [attributes]                  # of sessions; [item_attributes] of cart lines
    Channel = "string"            # or number, boolean, time, list, object

Commands read it where they are run, or where `--config` or SESSIONKIT_CONFIG says. Python reads it
when `configure` is called, and never by itself: a notebook gives the same figures in any folder.
What a caller says himself goes before it; of two tables, application by application.

Layer: above `errors`, `lifecycle` and `dialects`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sessionkit.dialects import DIALECTS
from sessionkit.errors import UsageError, shown, shown_key, unknown_name
from sessionkit.lifecycle import STATE_NUMBERS

NAME = "sessionkit.toml"
"""How the file is called that is looked for."""

VARIABLE = "SESSIONKIT_CONFIG"
"""The variable of the environment that names another."""


ATTRIBUTE_TYPES = ("string", "number", "boolean", "time", "list", "object")
"""What an attribute can be said to be; a time is a text that is one."""


@dataclass(frozen=True)
class Settings:
    """What a file says; nothing where there is none.

    Attributes:
        file: Its path, as it was found or named.
        values: What is set, by the name of the argument that it stands for.

    Example:
        >>> settings = Settings("sessionkit.toml", {"tz": "Asia/Tokyo"})
        >>> settings, settings.filled({"tz": None, "guests": None})
        (Settings(sessionkit.toml: tz), {'tz': 'Asia/Tokyo', 'guests': None})
    """

    file: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        named = ", ".join(self.values) or "nothing"
        return f"Settings({self.file}: {named})" if self.file else "Settings()"

    @property
    def applications(self) -> Mapping[int, str]:
        """What applications are called."""
        named: Mapping[int, str] = self.values.get("applications", {})
        return named

    @property
    def attribute_types(self) -> Mapping[str, list[Any]]:
        """The types of attributes as lists side by side, by what a query calls them; or nothing.

        Example:
            >>> Settings("s.toml", {"item_attributes": {"color": "list"}}).attribute_types
            {'typed_names': ['color'], 'typed_items': [True], 'typed_as': ['list']}
        """
        typed = [
            (name, of_item, type)
            for key, of_item in (("attributes", False), ("item_attributes", True))
            for name, type in self.values.get(key, {}).items()
        ]
        names = ("typed_names", "typed_items", "typed_as")
        return dict(zip(names, map(list, zip(*typed, strict=True)), strict=True)) if typed else {}

    def filled(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Put what is set in the place of arguments that were not given.

        Args:
            arguments: By name; None where nothing was said. Of two mappings, the one given says
                of its applications, the settings of the others.

        Returns:
            The arguments, no others than were given.
        """
        return {name: self._filled(name, value) for name, value in arguments.items()}

    def _filled(self, name: str, value: Any) -> Any:
        mine = self.values.get(name)
        if isinstance(value, Mapping) and isinstance(mine, Mapping):
            return {**mine, **{_number(one): said for one, said in value.items()}}
        return mine if value is None else value


_NOTHING: Final = Settings()
_HELD: list[Settings] = [_NOTHING]


def configure(file: str | Path | None = "") -> Settings:
    """Let a file of settings hold for everything that is read and asked from now on.

    Args:
        file: Its path. Without one it is looked for as commands do: SESSIONKIT_CONFIG, else
            `sessionkit.toml` in the working directory, else nothing. None for no settings.

    Returns:
        What holds now.

    Raises:
        UsageError: There is no such file, it is no TOML, or says what cannot be.

    Example:
        >>> configure(None)
        Settings()
    """
    if file == "":
        file = looked_for()
    _HELD[0] = _NOTHING if file is None else settings_of(file)
    return _HELD[0]


def current() -> Settings:
    """The settings that hold now."""
    return _HELD[0]


@contextmanager
def holding(settings: Settings) -> Iterator[None]:
    """Let settings hold for a while, as they do for one command."""
    before, _HELD[0] = _HELD[0], settings
    try:
        yield
    finally:
        _HELD[0] = before


def looked_for() -> Path | None:
    """The file that the environment names, else the one in the working directory, if any."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    here = Path(NAME)
    return here if here.is_file() else None


def settings_of(file: str | Path) -> Settings:
    """Read a file of settings.

    Raises:
        UsageError: There is no such file, it is no TOML, or says what cannot be.
    """
    try:
        told = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: no text in UTF-8.") from None
    except (ValueError, RecursionError) as error:  # numbers too long, and what is nested too deep
        raise UsageError(f"{file}: no valid TOML: {error}.") from None
    values = {}
    for key, value in told.items():
        if key not in _CHECKED:
            raise UsageError(f"{file}: {unknown_name('key', key, _CHECKED)}")
        values[key] = _CHECKED[key](f"{file}: {key}", value)
    return Settings(str(file), MappingProxyType(values))


def _text(where: str, value: Any, expected: str = "a text") -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: expected {expected}, got {_told(value)}.")
    return value


def _told(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)


def _zone(where: str, value: Any) -> str:
    expected = "a time zone such as UTC or Europe/Berlin"
    name = _text(where, value, expected)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{where}: expected {expected}, got {shown(name)}.") from None


def _dialect(where: str, value: Any) -> str:
    if not isinstance(value, str) or value not in DIALECTS:
        raise UsageError(f"{where}: {unknown_name('dialect', value, DIALECTS)}")
    return value


def _one_of(*allowed: str) -> Callable[[str, Any], str]:
    def check(where: str, value: Any) -> str:
        if value not in allowed:
            expected = " or ".join(map(repr, allowed))
            raise UsageError(f"{where}: expected {expected}, got {_told(value)}.")
        return str(value)

    return check


def _period(where: str, value: Any) -> bool | str:
    """Whether exports of effects are complete: always, or from when until when."""
    if value is True:
        return True
    ends = value.split("..") if isinstance(value, str) and value != "all" else []
    if value == "all" or (len(ends) == 2 and all(_is_moment(one.strip()) for one in ends)):
        return str(value)
    raise UsageError(
        f"{where}: expected true, or a time such as '2026-01-01..2026-04-01', got {_told(value)}."
    )


def _is_moment(text: str) -> bool:
    """Whether a text is an instant or a day; an empty one leaves an end open."""
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _code(where: str, value: Any) -> str:
    return _text(where, value, "a code such as 'EUR'")


def _by_application(check: Callable[[str, Any], str]) -> Callable[[str, Any], Mapping[int, str]]:
    """Check a table of applications: `270 = "EUR"`."""

    def checked(where: str, value: Any) -> Mapping[int, str]:
        if not isinstance(value, Mapping):
            raise UsageError(f"{where}: expected a table by application, got {_told(value)}.")
        for one in value:
            if not (one.isascii() and one.isdecimal() and len(one) < 20):
                raise UsageError(
                    f"{where}: expected the number of an application, got {_told(one)}."
                )
        return MappingProxyType({int(one): check(f"{where}.{one}", v) for one, v in value.items()})

    return checked


def _types(where: str, value: Any) -> Mapping[str, str]:
    """The types of attributes: `Channel = "string"`."""
    if not isinstance(value, Mapping):
        raise UsageError(f"{where}: expected a table by attribute, got {_told(value)}.")
    check = _one_of(*ATTRIBUTE_TYPES)
    return MappingProxyType({k: check(f"{where}.{shown_key(k)}", v) for k, v in value.items()})


def _currencies(where: str, value: Any) -> str | Mapping[int, str]:
    """A code, an attribute that holds it, or a code by application."""
    return (
        _by_application(_code)(where, value) if isinstance(value, Mapping) else _code(where, value)
    )


def _number(application: Any) -> Any:
    text = str(application).strip()
    return int(text) if text.isascii() and text.isdecimal() else application


_CHECKED: Mapping[str, Callable[[str, Any], Any]] = {
    "tz": _zone,
    "guests": _text,
    "currencies": _currencies,
    "empty_discounts": _by_application(_one_of("zero")),
    "total_basis": _by_application(_one_of("after_discounts", "before_discounts")),
    "effects_complete": _period,
    "applications": _by_application(_text),
    "attributes": _types,
    "item_attributes": _types,
    "dialect": _dialect,
    "assume_tz": _zone,
    "date_format": _text,
    "state_numbers": _one_of(*STATE_NUMBERS),
}
"""Every key that there is, and what its value must be."""
