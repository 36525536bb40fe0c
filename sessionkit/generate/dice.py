"""Chance that falls the same way on every Python: one seed, one sequence, for ever.

Only `random.Random.random` is promised to stay as it is between Python versions, so everything
here is made of it.

Layer: bottom of `generate`; imports nothing from the package.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")

HEX = "0123456789abcdef"
CODE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Dice:
    """A sequence of chances named by its seed.

    Example:
        >>> Dice(7, "words").pick("abc") == Dice(7, "words").pick("abc")
        True
    """

    __slots__ = ("roll",)

    def __init__(self, *seed: object) -> None:
        self.roll = Random("/".join(map(str, seed))).random

    def chance(self, probability: float) -> bool:
        """Whether something of that probability happens."""
        return self.roll() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self.roll() * limit)

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + int(self.roll() * (last - first + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as the next."""
        return choices[int(self.roll() * len(choices))]

    def weighted(self, choices: Sequence[T], heights: Sequence[float]) -> T:
        """One of the choices; `heights` are the running sums of their weights."""
        return choices[min(bisect(heights, self.roll() * heights[-1]), len(choices) - 1)]

    def word(self, letters: str, length: int) -> str:
        """A word of so many of these letters."""
        return "".join([self.pick(letters) for _ in range(length)])


def running(weights: Sequence[float]) -> list[float]:
    """The running sums of weights, as `Dice.weighted` takes them."""
    return list(accumulate(weights))


def long_tail(count: int, slope: float = 1.05) -> list[float]:
    """Running sums of weights by which the first is popular and the last hardly ever met."""
    return running([1 / (place + 1) ** slope for place in range(count)])
