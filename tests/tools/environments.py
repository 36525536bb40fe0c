"""Run the tests on every Python, with the lowest and the newest versions of all that is needed.

`python3 -m tests.tools.environments` makes an environment for each row, one after the other,
installs the package with the extra `dev` into it by pip, runs the tests there, and prints one line:

- `lowest`: the lower bounds of `pyproject.toml`, exactly, on the lowest Python it names;
- `3.11`, `3.12`, ...: the newest versions that go together, on that Python; also on a later one
  that is at hand.

What follows `--` goes to pytest: `-- -k "not browser"`. Status 1 if a row failed; a Python that is
not there is told, and fails nothing. Needs nothing but Python 3.11.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
EXTRA = "dev"
"""The extra that the tests need."""

LATER = 3
"""How many minor versions after the last that is promised are looked for."""

REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(\[[\w, -]*\])?(?P<bounds>[^;]*?)\s*(;\s*(?P<marker>.+))?"
)


@dataclass(frozen=True)
class Row:
    """One environment: its name, its Python (None where there is none), what holds pip back."""

    name: str
    python: Path | None
    constraints: str = ""


def project(root: Path = ROOT) -> dict[str, Any]:
    """The table `project` of `pyproject.toml`."""
    with (root / "pyproject.toml").open("rb") as file:
        found: dict[str, Any] = tomllib.load(file)["project"]
    return found


def lowest(requirement: str) -> tuple[str, str, str]:
    """Name, lower bound and marker ("" if there is none) of a requirement.

    Raises:
        ValueError: It is no requirement with a lower bound.

    Example:
        >>> lowest("pandera[polars]>=0.35,<1; python_version < '3.14'")
        ('pandera', '0.35', "python_version < '3.14'")
    """
    found = REQUIREMENT.fullmatch(requirement.strip())
    bound = re.search(r"(?:>=|==)\s*([\w.]+)", found["bounds"]) if found else None
    if not found or not bound:
        raise ValueError(f"no lower bound: {requirement}")
    return found["name"].lower(), bound[1], found["marker"] or ""


def needed(told: Mapping[str, Any], extra: str = EXTRA) -> list[str]:
    """The requirements of the package, and those of an extra."""
    return [*told["dependencies"], *told["optional-dependencies"][extra]]


def constraints(requirements: Iterable[str]) -> str:
    """A file for `pip install -c` that pins each requirement to its lower bound.

    Of one that is named twice the higher bound holds. Sorted by name; "" of nothing.
    """
    bounds: dict[tuple[str, str], str] = {}
    for name, bound, marker in map(lowest, requirements):
        before = bounds.get((name, marker), bound)
        bounds[name, marker] = max(bound, before, key=numbers)
    return "".join(
        f"{name}=={bound}{f'; {marker}' if marker else ''}\n"
        for (name, marker), bound in sorted(bounds.items())
    )


def numbers(version: str) -> tuple[int, ...]:
    """A version, to be compared.

    Example:
        >>> max("2.9", "2.10", key=numbers)
        '2.10'
    """
    return tuple(int(digits) for digits in re.findall(r"\d+", version))


def promised(told: Mapping[str, Any]) -> list[str]:
    """The Pythons that the package names, such as 3.11, in order."""
    found = (re.fullmatch(r".*:: Python :: (3\.\d+)", line) for line in told["classifiers"])
    return sorted((one[1] for one in found if one), key=numbers)


def python(version: str) -> Path | None:
    """A Python of that version: pyenv's newest, else the one on the path; None if there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = sorted(pyenv.glob(f"{version}.*/bin/python"), key=lambda path: numbers(str(path)))
    on_path = shutil.which(f"python{version}")
    candidates = [*reversed(found), *([Path(on_path)] if on_path else [])]
    asks = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for path in candidates:
        done = subprocess.run([path, "-c", asks], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return path
    return None


def rows(told: Mapping[str, Any]) -> list[Row]:
    """The environments, the lowest first; a Python that is promised and not there is among them."""
    versions = promised(told)
    minor = numbers(versions[-1])[1]
    later = [f"3.{minor + more}" for more in range(1, LATER + 1)]
    newest = [Row(version, python(version)) for version in versions]
    newest += [Row(version, path) for version in later if (path := python(version))]
    return [Row("lowest", newest[0].python, constraints(needed(told))), *newest]


def commands(row: Row, home: Path, tests: Sequence[str]) -> list[list[str]]:
    """What is run for a row: its environment made, filled, and the tests in it."""
    inside = str(home / "bin" / "python")
    install = [inside, "-m", "pip", "install", "-q", "-e", f"{ROOT}[{EXTRA}]"]
    if row.constraints:
        file = home.with_suffix(".constraints.txt")
        file.write_text(row.constraints, encoding="utf-8")
        install += ["-c", str(file)]
    return [
        [str(row.python), "-m", "venv", "--clear", str(home)],
        install,
        [inside, "-m", "pytest", "-q", *tests],
    ]


def passes(row: Row, folder: Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass in an environment of that row; prints the line, or why not."""
    if row.python is None:
        print(f"{row.name:8} no such Python on this machine", flush=True)  # noqa: T201
        return True
    began = time.monotonic()
    output: list[str] = []
    for command in commands(row, folder / row.name, tests):
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False,
        )  # fmt: skip
        output = [line for line in done.stdout.splitlines() if line.strip()]
        if done.returncode:
            which = [line for line in output if line.startswith(("FAILED ", "ERROR "))]
            print(*which, *output[-60:], sep="\n", file=sys.stderr)  # noqa: T201
            break
    end = output[-1].strip("= ") if output else "said nothing"
    verdict = "failed" if done.returncode else "passed"
    took = time.monotonic() - began
    print(f"{row.name:8} {verdict}  {row.python}  {end}  ({took:.0f} s)", flush=True)  # noqa: T201
    return not done.returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are asked for, or all; 1 if one failed."""
    found = {row.name: row for row in rows(project())}
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.tools.environments", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", action="append", choices=found, help="a row; may be repeated")
    parser.add_argument("--keep", type=Path, help="a folder in which environments are left")
    parser.add_argument("tests", nargs="*", metavar="-- ARGUMENT", help="goes to pytest")
    given = parser.parse_args(arguments)
    tests = given.tests or ["-n", "auto"]
    with TemporaryDirectory(prefix="environments-") as temporary:
        folder = given.keep.absolute() if given.keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = [passes(found[name], folder, tests) for name in given.only or found]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
