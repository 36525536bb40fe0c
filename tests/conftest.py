"""Fixtures that several test files share, and what becomes of a test that cannot run."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

EXCUSED = ("root may write anywhere", "no file system can be mounted here")
"""What a machine may lack although everything that can be installed is there."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `SESSIONKIT_TEST_ALL` is set, a test that was skipped has failed."""
    report = yield
    if not (report.skipped and os.environ.get("SESSIONKIT_TEST_ALL")):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not reason.endswith(EXCUSED):
        report.outcome = "failed"
        report.longrepr = f"{reason} (skipped, where SESSIONKIT_TEST_ALL asks for every test)"
    return report
