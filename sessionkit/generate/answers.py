"""The right answers, added up while sessions are written, from their facts.

Nothing here reads a dump: what is counted is what `witness` says the dumps tell.

Layer: above `witness`; of the package, imports `lifecycle`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sessionkit.generate.envelopes import effects_of
from sessionkit.generate.evaluations import EffectFigures, Evaluation
from sessionkit.generate.facts import NOTHING, WIDE, Line, added, as_read, items_total, plain
from sessionkit.generate.files import File
from sessionkit.generate.overlaps import Sighting
from sessionkit.generate.spelling import Tree
from sessionkit.generate.telling import V2_RESPONSE
from sessionkit.generate.witness import Told
from sessionkit.lifecycle import COMPLETED, STATES

_MODEL = (
    "sessions",
    "cart_items",
    "discounts",
    "additional_costs",
    "item_prices",
    "coupons",
    "identifiers",
    "attributes",
    "effects",
)
_COUNTS = (
    "session_count",
    "total_known_count",
    "priced_count",
    "discount_known_count",
    "discount_ambiguous_count",
    "discount_unknown_count",
    "discounted_count",
    "unit_count",
    "line_count",
)
_SUMS = (
    "gross_total",
    "items_total",
    "additional_cost_total",
    "discount_total",
    "discount_known_gross_total",
    "returned_total",
)


class Figures:
    """Counts and exact sums over a group of sessions."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.sums: defaultdict[str, Decimal] = defaultdict(Decimal)

    def add(self, name: str, amount: Decimal) -> None:
        """Add an amount to a sum."""
        self.sums[name] = WIDE.add(self.sums[name], amount)

    def written(self) -> dict[str, Any]:
        """As JSON: counts as numbers, sums as decimal text, null where nothing was known."""
        unknown = {
            "gross_total": not self.counts["total_known_count"],
            "items_total": not self.counts["priced_count"],
            "discount_total": not self.counts["discount_known_count"],
        }
        sums = {name: None if unknown.get(name) else plain(self.sums[name]) for name in _SUMS}
        return {name: self.counts[name] for name in _COUNTS} | sums


class Answers:
    """The answers about one folder of dumps."""

    def __init__(self) -> None:
        self.files: dict[str, Counter[str]] = {}
        self.dialects: dict[str, str] = {}
        self.tables = Counter(dict.fromkeys(_MODEL, 0))
        self.fates: Counter[str] = Counter()
        self.states: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.totals: defaultdict[tuple[int, str], Figures] = defaultdict(Figures)
        self.months: defaultdict[tuple[int, str], Figures] = defaultdict(Figures)
        self.labels: defaultdict[tuple[int, str], Figures] = defaultdict(Figures)
        self.planted: list[dict[str, Any]] = []
        self.analytics: list[dict[str, Any]] = []
        self.doubts: list[dict[str, Any]] = []
        self.effects = EffectFigures()

    def count(self, file: File, fate: str) -> None:
        """Count one record of a file: `current`, `older`, `effects` or `rejects`."""
        self.dialects[file.shown] = file.telling.name
        self.files.setdefault(file.shown, Counter())[fate] += 1
        self.fates["records"] += 1

    def plant(self, file: File, record: int, codes: Sequence[str], kind: str) -> None:
        """Note a bad record, and the codes of the reasons to reject it."""
        self.count(file, "rejects")
        self.fates["rejects"] += 1
        row = {"file": file.shown, "record": record, "codes": sorted(codes), "kind": kind}
        self.planted.append(row)

    def doubt(self, file: File, record: int, rule: str) -> None:
        """Note a record that stays in, but gives a finding."""
        self.doubts.append({"file": file.shown, "record": record, "rule": rule})

    def add(self, told: Told, sightings: Sequence[Sighting]) -> None:
        """Add a session, and what became of each of its records."""
        for sighting, current in zip(sightings, told.current, strict=True):
            self.count(sighting.file, "current" if current else "older")
        self.fates["sessions"] += 1
        self.fates["repeats"] += sum(told.current) - 1
        self.fates["older"] += len(sightings) - sum(told.current)
        number = told.session.application.number
        self.states[number][told.version.state] += 1
        self._count_rows(told)
        self._add_effects(told, sightings)
        _add_session(self.totals[number, "all"], told)
        if told.version.state in COMPLETED:
            _add_session(self.totals[number, "completed"], told)
            month = f"{told.session.created:%Y-%m-01}"
            _add_session(self.months[number, month], told)
            self._add_labels(told)

    def _count_rows(self, told: Told) -> None:
        lines = told.version.lines
        rows = self.tables
        rows["sessions"] += 1
        rows["cart_items"] += len(lines)
        rows["discounts"] += len(told.labels)
        rows["additional_costs"] += len(told.costs)
        rows["additional_costs"] += sum(len(line.product.costs) for line in lines)
        rows["item_prices"] += sum(len(line.product.prices) for line in lines)
        rows["coupons"] += len(told.codes)
        rows["identifiers"] += len(told.identifiers)
        rows["attributes"] += len(told.session.attributes)
        rows["attributes"] += sum(len(line.product.attributes) for line in lines)

    def effect(self, file: File, evaluation: Evaluation, effect: Tree, *, first: bool) -> None:
        """Count a row of an export of effects; only its `first` one is a row of the table."""
        self.count(file, "effects")
        self.fates["effects"] += 1
        if first:
            self.tables["effects"] += 1
            self.effects.add("exports", evaluation.session, effect)

    def _add_effects(self, told: Told, sightings: Sequence[Sighting]) -> None:
        """Add what responses tell; of a version told twice, once."""
        places = {s.place for s in sightings if s.file.telling is V2_RESPONSE}
        for place in places:
            for effect in effects_of(told.session, told.session.versions[place]):
                self.tables["effects"] += 1
                self.effects.add("responses", told.session, effect)

    def _add_labels(self, told: Told) -> None:
        for label, value in told.granted.items():
            figures = self.labels[told.session.application.number, label]
            figures.add("discount_total", as_read(value))
            figures.counts["session_count"] += 1
            figures.counts["row_count"] += 1

    def written(self) -> dict[str, Any]:
        """All answers as JSON, in an order that does not depend on chance."""
        every = Counter[str]()
        for counted in self.states.values():
            every.update(counted)
        return {
            **{name: self.fates[name] for name in ("records", "sessions", "repeats", "older")},
            "effects": self.fates["effects"],
            "rejects": self.fates["rejects"],
            "tables": dict(self.tables),
            "states": _by_state(every),
            "states_by_application": {
                str(number): _by_state(self.states[number]) for number in sorted(self.states)
            },
            "totals": _nested({k: f.written() for k, f in self.totals.items()}),
            "totals_by_month": _nested({k: _month(f) for k, f in self.months.items()}),
            "discounts": _nested({k: _label(f) for k, f in self.labels.items()}),
            "effect_figures": self.effects.written(),
            "planted": sorted(self.planted, key=_where),
            "doubts": sorted(self.doubts, key=_where),
            "files": {name: self._file(name) for name in sorted(self.files)},
        }

    def _file(self, name: str) -> dict[str, Any]:
        counts = self.files[name]
        fates = {fate: counts[fate] for fate in ("current", "older", "effects", "rejects")}
        return {"dialect": self.dialects[name], "records": counts.total()} | fates


def _where(row: dict[str, Any]) -> tuple[str, int]:
    return row["file"], row["record"]


def _by_state(counted: Counter[str]) -> dict[str, int]:
    return {state: counted[state] for state in STATES}


def _nested(flat: dict[tuple[int, str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for number, name in sorted(flat):
        made.setdefault(str(number), {})[name] = flat[number, name]
    return made


def _month(figures: Figures) -> dict[str, Any]:
    written = figures.written()
    return {name: written[name] for name in ("session_count", "gross_total", "discount_total")}


def _label(figures: Figures) -> dict[str, Any]:
    return {
        "discount_total": plain(figures.sums["discount_total"]),
        "session_count": figures.counts["session_count"],
        "row_count": figures.counts["row_count"],
    }


def _add_session(figures: Figures, told: Told) -> None:
    version, counts = told.version, figures.counts
    counts["session_count"] += 1
    counts["line_count"] += len(version.lines)
    counts["unit_count"] += sum(line.quantity for line in version.lines)
    total = None if version.total is None else as_read(version.total)
    if total is not None:
        counts["total_known_count"] += 1
        figures.add("gross_total", total)
    items = items_total(version.lines)
    if items is not None:
        counts["priced_count"] += 1
        figures.add("items_total", items)
    figures.add("additional_cost_total", _costs(told))
    figures.add("returned_total", added(_returned(line) for line in version.lines if line.returned))
    _add_discounts(figures, told, total)


def _add_discounts(figures: Figures, told: Told, total: Decimal | None) -> None:
    known = {True: "known", False: "unknown", None: "ambiguous"}[told.discounts_known]
    figures.counts[f"discount_{known}_count"] += 1
    if told.discount_total is None:
        return
    figures.add("discount_total", told.discount_total)
    figures.counts["discounted_count"] += bool(told.discount_total)
    if total is not None:
        figures.add("discount_known_gross_total", total)


def _costs(told: Told) -> Decimal:
    of_lines = (cost for line in told.version.lines for cost in line.product.costs.values())
    return added(map(as_read, (*told.costs.values(), *of_lines)))


def _returned(line: Line) -> Decimal:
    return NOTHING if line.price is None else WIDE.multiply(as_read(line.price), line.returned)
