"""Which members a dump has and how it spells them, learnt from records on the way.

Layer: above `outline`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from sessionkit.bulk.outline import Form, Outline, session_outline
from sessionkit.decode import Tree, Undecodable, decode
from sessionkit.spellings import folded


class Outlines:
    """The outline of the records of a read; grows as records show members not seen before.

    Example:
        >>> outlines = Outlines()
        >>> outlines.learn([b'{"integrationId": "S-1", "cart_items": [{"sku": "A"}], "odd": 1}'])
        True
        >>> outlines.outline.structure()
        'STRUCT("integrationId" JSON, "cart_items" STRUCT("sku" JSON)[])'
    """

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {"": set()}
        self._lock = Lock()
        self.outline = session_outline().seen(self._seen)

    def learn(self, records: Iterable[bytes]) -> bool:
        """Look at some records; say whether they showed anything new."""
        with self._lock:
            before = self.outline
            for record in records:
                try:
                    tree = decode(record)
                except Undecodable:
                    continue
                if isinstance(tree, dict):
                    self._look(tree, "", session_outline())
            self.outline = session_outline().seen(self._seen)
            return self.outline != before

    def _look(self, tree: Mapping[str, Tree], at: str, outline: Outline) -> None:
        known = {name for _, name in outline.spelt}
        for key, value in tree.items():
            name = folded(key)
            if name not in known:
                continue
            keys = self._seen.setdefault(at, set())
            if not any(folded(other) == name for other in keys):
                keys.add(key)
            if name in outline.inner:
                for inner in _objects_in(value, outline.forms[name]):
                    self._look(inner, f"{at}.{name}" if at else name, outline.inner[name])


def _objects_in(value: Tree, form: Form) -> Iterable[Mapping[str, Tree]]:
    """The objects that a member holds: itself, the elements of a list, the entries of a map."""
    if form is Form.OBJECTS and isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    if form is Form.MAP_OF_OBJECTS and isinstance(value, dict):
        return [each for each in value.values() if isinstance(each, dict)]
    return [value] if form is Form.OBJECT and isinstance(value, dict) else []
