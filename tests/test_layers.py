"""The house: imports point one way, files and functions stay small, declarations stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sessionkit"

LAYERS = """
    errors held_files lone_pandera machine thrift columns lifecycle version spellings
    tables rules sql plain_words formats years shown side_by_side decode values
    unpacking archives remote found sources
    window records lines scanning objects resuming splitting row_lines row_feed rows containers
    analytics
    dialects derive flatten props effects effect_props
    failures schemas validate
    table_files manifest placing filling folder
    config given foreign store_file database
    notebook drawn pictures charting result overview session_tables
    crew doubts rejecting staged kept told digest snapshots bulk exact effect_rows staging
    spilling ledger contest sinks rivals resolve evaluations audit progress intake flattening
    assemble reading store
    dimensions questions dictionary spark
    page generate cli __main__
""".split()  # noqa: SIM905  (a list of fifty lines would hide the order)
"""Every module and package of sessionkit; each imports only from those before it."""

ALONE = {"generate": {"errors", "lifecycle"}}
"""What imports even less: made-up dumps must not lean on the code that they test."""

PANDERA = {"failures", "schemas", "validate"}
"""The only modules that import pandera."""

FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file, without the package's own: `tables.sessions`, `dialects`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imported_by(path: Path) -> Iterator[str]:
    """The modules of sessionkit that a file imports, in its functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, inner = name.partition(".")
            if head == "sessionkit":
                yield inner if inner in MODULES else inner.rpartition(".")[0]


def imported_roots(path: Path) -> set[str]:
    """The packages, of anyone, that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
    froms = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    return {name.partition(".")[0] for name in imports + froms}


def layer_of(module: str) -> str:
    return module.partition(".")[0]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file, with its lines of code: no docstring, comment or blank line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0]
        told = range(0)
        if ast.get_docstring(node) is not None:
            told = range(first.lineno, (first.end_lineno or first.lineno) + 1)
        code = [
            number
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if number not in told and lines[number - 1].strip()[:1] not in ("", "#")
        ]
        yield node.name, len(code)


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_module_has_its_layer() -> None:
    there = {layer_of(module) for module in MODULES if module}
    assert there == set(LAYERS)
    assert len(set(LAYERS)) == len(LAYERS)


@pytest.mark.parametrize("path", [p for p in FILES if module_of(p)], ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    here = layer_of(module_of(path))
    for module in imported_by(path):
        there = layer_of(module)
        if there == here:
            continue
        assert there, f"{here} must not import the package itself"
        assert LAYERS.index(there) < LAYERS.index(here), f"{here} must not import {there}"
        assert there in ALONE.get(here, LAYERS), f"{here} must not import {there}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: set(imported_by(path)) - {""} for module, path in MODULES.items() if module}
    assert list(TopologicalSorter(graph).static_order())


def test_only_the_models_import_pandera() -> None:
    found = {module for module, path in MODULES.items() if "pandera" in imported_roots(path)}
    assert found == PANDERA


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    assert [(name, code) for name, code in functions(path) if code > 40] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_every_module_says_what_it_does(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert told


def test_the_declarations_load_without_the_heavy_libraries() -> None:
    code = (
        "import sys, sessionkit.tables\n"
        "print(sorted({'pandera', 'polars', 'duckdb'} & sys.modules.keys()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout == "[]\n"
