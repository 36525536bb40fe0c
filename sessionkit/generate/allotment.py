"""Which session is told where first: quotas of dialects and files, drawn without replacement.

Layer: above `files`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sessionkit.generate.dice import Dice, running
from sessionkit.generate.facts import Application
from sessionkit.generate.files import File, Shelf
from sessionkit.generate.telling import CSV_EXPORT, Telling
from sessionkit.generate.world import APPLICATIONS

_SHARES = {
    "csv_export": 26,
    "session_list": 8,
    "single_session": 6,
    "v1_session": 22,
    "v1_response": 6,
    "v2_session": 8,
    "v2_response": 10,
    "csharp_pascal": 4,
    "csharp_omits_zeros": 4,
    "python_sdk": 5,
    "singer": 5,
}
_HEIGHTS = running((45, 35, 20))
_V1 = tuple(application for application in APPLICATIONS if application.api == "v1")
_V1_HEIGHTS = running((65, 35))
_V2 = next(application for application in APPLICATIONS if application.api == "v2")


class Home(NamedTuple):
    """Where a session is told first: a file, or (None) the series of CSV exports."""

    telling: Telling
    file: File | None


class Draw:
    """Draws homes until every quota is used up."""

    def __init__(self, count: int, tellings: Sequence[Telling], shelf: Shelf, dice: Dice) -> None:
        self.dice = dice
        exported = {file.window.application for file in shelf.exports if file.window}
        self.exported = [a for a in APPLICATIONS if a.number in exported] or APPLICATIONS
        self.homes: list[Home] = []
        self.left: list[int] = []
        for telling, quota in zip(tellings, quotas(count, tellings), strict=True):
            for home, share in _split(telling, quota, shelf):
                self.homes.append(home)
                self.left.append(share)

    def home(self) -> Home:
        """Draw the home of the next session."""
        lot = self.dice.below(sum(self.left))
        for place, share in enumerate(self.left):
            lot -= share
            if lot < 0:
                self.left[place] -= 1
                return self.homes[place]
        raise AssertionError("more sessions drawn than there are quotas")

    def application(self, home: Home) -> Application:
        """Draw an application that the dialect can tell."""
        if home.telling.api == "v2":
            return _V2
        if home.telling.api == "v1":
            return self.dice.weighted(_V1, _V1_HEIGHTS)
        able = self.exported if home.file is None else APPLICATIONS
        return self.dice.weighted(able, _HEIGHTS[: len(able)])


def quotas(count: int, tellings: Sequence[Telling]) -> list[int]:
    """Share out `count` sessions; each dialect gets one before any gets more.

    Example:
        >>> from sessionkit.generate.telling import CSV_EXPORT, SINGER
        >>> quotas(100, [CSV_EXPORT, SINGER]), quotas(2, [CSV_EXPORT, SINGER])
        ([83, 17], [1, 1])
    """
    whole = sum(_SHARES[telling.name] for telling in tellings)
    shares = [count * _SHARES[telling.name] // whole for telling in tellings]
    while sum(shares) < count:
        shares[shares.index(min(shares))] += 1
    for place, share in enumerate(shares):
        if not share and max(shares) > 1:
            shares[shares.index(max(shares))] -= 1
            shares[place] = 1
    return shares


def _split(telling: Telling, quota: int, shelf: Shelf) -> list[tuple[Home, int]]:
    files = [file for file in shelf.others if file.telling is telling]
    main = None if telling is CSV_EXPORT else files[0]
    small = [file for file in files if file is not main]
    made = []
    left = quota
    for file in small:
        share = min(file.most or 0, max(1, quota // (2 * len(files) + 2)), left - 1)
        if share > 0:
            made.append((Home(telling, file), share))
            left -= share
    return [(Home(telling, main), left), *made]
