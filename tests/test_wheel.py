"""The built wheel, installed elsewhere, runs the main job."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", where, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = where.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_is_no_python(wheel: Path) -> None:
    held = set(ZipFile(wheel).namelist())
    beside = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sessionkit").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert {"sessionkit/py.typed", "sessionkit/sql/totals.sql"} <= beside
    assert beside <= held


def test_the_wheel_holds_neither_tests_nor_data(wheel: Path) -> None:
    roots = {name.partition("/")[0] for name in ZipFile(wheel).namelist()}
    assert roots == {"sessionkit", "sessionkit-0.1.0.dist-info"}


def test_the_installed_wheel_runs_the_main_job(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = ["-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    job = ["-m", "sessionkit", "report", str(ROOT / "data"), "--allow-rejects", "2"]
    done = subprocess.run(
        [sys.executable, "-W", "error", *job],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "423 records = 400 sessions + 6 repeats + 15 older + 2 rejects" in done.stdout
    assert (tmp_path / "report.html").stat().st_size > 10_000
