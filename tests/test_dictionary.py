"""The data dictionary is current, and names everything that there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sessionkit.dictionary import dictionary
from sessionkit.errors import REASONS
from sessionkit.rules import RULES
from sessionkit.tables import ALL

ROOT = Path(__file__).parent.parent
REFRESH = "python -m sessionkit.dictionary > data/README.md"


def lines_of(table: str) -> list[str]:
    """The lines of one table's section."""
    _, _, after = dictionary().partition(f"\n### {table}\n")
    return after.partition("\n##")[0].splitlines()


def test_the_dictionary_in_data_is_current() -> None:
    written = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert written == dictionary(), f"data/README.md is stale; run: {REFRESH}"
    assert REFRESH in written


def test_the_command_that_refreshes_it_prints_it() -> None:
    command = [sys.executable, "-m", "sessionkit.dictionary"]
    printed = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    assert printed.stdout.decode("utf-8") == dictionary()
    assert printed.stderr == b""


def test_every_table_has_a_section_with_every_column_in_order() -> None:
    for table in ALL:
        lines = lines_of(table.name)
        columns = [line.split("`")[1] for line in lines if line.startswith("| `")]
        assert columns == list(table.names)
        assert f"One row per {table.grain}." in "\n".join(lines)


def test_a_column_tells_type_null_unit_meaning_rules_and_place() -> None:
    assert (
        "| `quantity` | whole number | no | units | Units bought, before returns. | at least 1 "
        "| `cartItems[].quantity` |"
    ) in lines_of("cart_items")
    assert any("one of `open`, `closed`, `partially_returned`" in s for s in lines_of("sessions"))
    assert any(s.endswith("| personal | `profileId` |") for s in lines_of("sessions"))
    assert any(s.endswith("| worked out from `cartItems` |") for s in lines_of("sessions"))


def test_places_are_those_of_the_rows() -> None:
    costs = "\n".join(lines_of("additional_costs"))
    assert "| `additionalCosts{}.price` or `cartItems[].additionalCosts{}.price` |" in costs
    assert "| at least 0 | the line's place in `cartItems` |" in costs
    assert "the entry's key in `additionalCosts{}` or `cartItems[].additionalCosts{}` |" in costs
    assert "|  | `applicationId` |" in costs


def test_every_rule_and_reason_is_explained() -> None:
    text = dictionary()
    for name, rule in RULES.items():
        assert f"| `{name}` | {rule.severity} | {rule.meaning} |" in text
    for code, meaning in REASONS.items():
        assert f"| `{code}` | {meaning} |" in text


def test_the_sample_files_are_named_first() -> None:
    samples, _, _ = dictionary().partition("## The tables")
    for name in (
        "sessions_export.csv",
        "v1_sessions.jsonl",
        "v2_responses.jsonl",
        "session_list.json",
    ):
        assert f"| `{name}` |" in samples
