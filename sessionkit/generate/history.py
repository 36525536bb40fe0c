"""Sessions and how they go on: opened, closed, cancelled, partly returned.

Sessions are made one after the other in the order of their creation, so that a dump of any size
needs little memory: what is kept is which customers were seen.

Layer: above `carts` and `calendar`; of the package, imports `lifecycle`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sessionkit.generate.calendar import END, created_at, later
from sessionkit.generate.carts import Cart, discounts_on, fill, total_of
from sessionkit.generate.dice import HEX, Dice, running
from sessionkit.generate.facts import Application, Line, Session, Version
from sessionkit.generate.vocabulary import (
    ATTRIBUTE_SETS,
    CHANNELS,
    PLAIN_IDS,
    PROFILE_WORDS,
    REFERRALS,
)
from sessionkit.generate.world import APPLICATIONS, catalogues
from sessionkit.lifecycle import CANCELLED, CLOSED, OPEN, PARTIALLY_RETURNED

_HOUR, _DAY = 3600, 86_400


class Step(NamedTuple):
    """A state that a session reaches, and how long after the last one, in seconds."""

    state: str
    shortest: int
    longest: int


_CLOSE = Step(CLOSED, 60, 3 * _DAY)
_RETURN = Step(PARTIALLY_RETURNED, _DAY, 20 * _DAY)
_LIVES: tuple[tuple[Step, ...], ...] = (
    (Step(OPEN, 1, 2 * _HOUR),),
    (Step(OPEN, 1, 60), Step(OPEN, 60, 9 * _DAY)),
    (Step(CLOSED, 0, 0),),
    (Step(OPEN, 0, _HOUR), _CLOSE),
    (Step(OPEN, 0, _HOUR), Step(CANCELLED, 60, 10 * _DAY)),
    (Step(OPEN, 0, _HOUR), _CLOSE, Step(CANCELLED, _HOUR, 10 * _DAY)),
    (Step(OPEN, 0, _HOUR), _CLOSE, _RETURN),
    (Step(OPEN, 0, _HOUR), _CLOSE, _RETURN, Step(PARTIALLY_RETURNED, _HOUR, 5 * _DAY)),
    (Step(OPEN, 0, _HOUR), _CLOSE, _RETURN, Step(CANCELLED, _HOUR, 5 * _DAY)),
)
_LIFE_HEIGHTS = running((20, 2, 8, 44, 6, 8, 9, 2, 1))


class Reached(NamedTuple):
    """A state, and when the session was in it first."""

    state: str
    at: datetime


class Chronicle:
    """Makes the sessions of one world, one by one."""

    def __init__(self, seed: object, count: int) -> None:
        self.count = count
        self.dice = Dice(seed, "sessions")
        self.catalogues = catalogues(seed)
        self.customers = max(6, count // 6)
        self.seen: set[int] = set()
        self.made = {application.number: 0 for application in APPLICATIONS}
        self.lent: dict[int, str] = {}

    def session(self, place: int, application: Application) -> Session:
        """Make the session number `place` of all, in an application."""
        dice = self.dice
        created = created_at(dice, place, self.count)
        profile, number, first = self._customer(application, place)
        cart = fill(dice, application, self.catalogues[application.number])
        return Session(
            application=application,
            integration_id=self._id(application, place),
            internal_id=10_000 + place,
            created=created,
            profile_id=profile,
            profile_number=number,
            store=dice.pick(application.stores) if application.stores else None,
            first=first,
            referral=dice.pick(REFERRALS) if dice.chance(0.04) else "",
            loyalty_cards=(f"card-{number}",) if number and dice.chance(0.2) else (),
            identifiers=_identifiers(dice),
            attributes=_attributes(dice),
            experiments=((3, dice.between(5, 6)),) if dice.chance(0.05) else (),
            extras=None,
            versions=_versions(dice, application, cart, _life(dice, created, empty=not cart.lines)),
        )

    def _customer(self, application: Application, place: int) -> tuple[str, int, bool]:
        """A customer: known by now or new, a guest with an id of its own, or nobody."""
        dice, base = self.dice, application.number * 10_000_000
        roll = dice.roll()
        if roll < 0.17:
            return "", 0, True
        if roll < 0.21:
            return f"guest-{dice.word(HEX, 12)}", base + 5_000_000 + place, True
        number = base + 1 + int(dice.roll() ** 1.8 * self.customers)
        first = number not in self.seen
        self.seen.add(number)
        return f"{PROFILE_WORDS[number % len(PROFILE_WORDS)]}-{number % 10_000_000}", number, first

    def _id(self, application: Application, place: int) -> str:
        """An id unique in its application; now and then one that another application has too."""
        number = self.made[application.number]
        self.made[application.number] += 1
        others = [other for other in self.lent if other != application.number]
        if number % 40 == 20 and others:
            return self.lent.pop(others[0])
        if number % 31 == 11 and number // 31 < len(PLAIN_IDS):
            return PLAIN_IDS[number // 31]
        made = self._new_id(application, place)
        self.lent[application.number] = made
        return made

    def _new_id(self, application: Application, place: int) -> str:
        if application.number == 415:
            return f"{4_000_000_000 + place:012d}"
        word = self.dice.word(HEX, 16)
        if application.number == 322 and place % 3 == 0:
            return f"gid://shopify/Cart/{place:x}?key={word},{place % 7}"
        return f"{place:08x}{word}"


def _life(dice: Dice, created: datetime, *, empty: bool) -> list[Reached]:
    """What a session goes through before the dumps were taken; an empty cart is never closed."""
    steps = _LIVES[0] if empty else dice.weighted(_LIVES, _LIFE_HEIGHTS)
    reached: list[Reached] = []
    at = created
    for step in steps:
        at = later(dice, at, step.shortest, step.longest) if step.longest else at
        if at >= END:
            break
        reached.append(Reached(step.state, at))
    return reached or [Reached(OPEN, created)]


def _versions(
    dice: Dice, application: Application, cart: Cart, life: list[Reached]
) -> tuple[Version, ...]:
    versions: list[Version] = []
    closed = cancelled = None
    lines = cart.lines
    for place, (state, at) in enumerate(life):
        early = state == OPEN and place < len(life) - 1
        closed = at if state == CLOSED else closed
        cancelled = at if state == CANCELLED else cancelled
        lines = _given_back(dice, lines) if state == PARTIALLY_RETURNED else lines
        held = lines[:-1] if early and len(lines) > 1 else lines
        versions.append(
            Version(
                state=state,
                updated=at,
                update_count=1 + 2 * place,
                closed_at=closed,
                cancelled_at=cancelled,
                lines=held,
                costs=cart.costs,
                discounts=discounts_on(cart.promotions, held, application.decimals),
                coupons=() if early else cart.coupons,
                total=total_of(cart, held),
            )
        )
    return tuple(versions)


def _given_back(dice: Dice, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Give back some of what is left: at least one unit, where there is one."""
    if not lines:
        return lines
    chosen = dice.below(len(lines))
    return tuple(
        line._replace(returned=dice.between(min(line.returned + 1, line.quantity), line.quantity))
        if place == chosen
        else line
        for place, line in enumerate(lines)
    )


def _identifiers(dice: Dice) -> tuple[str, ...]:
    if not dice.chance(0.35):
        return ()
    made = [dice.word(HEX, 16) for _ in range(dice.between(1, 2))]
    if dice.chance(0.1):
        made.append(f"91.11.156.{dice.below(40)}")
    if dice.chance(0.1):
        made.append(made[0])
    return tuple(made)


def _attributes(dice: Dice) -> dict[str, object]:
    chosen = dict(dice.pick(ATTRIBUTE_SETS))
    if dice.chance(0.6):
        chosen["Channel"] = dice.pick(CHANNELS)
    return chosen
