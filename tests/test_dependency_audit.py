"""What is made of the report of pip-audit: found is a failure, not reached is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tools.audit import judge

CLEAN = {"name": "click", "version": "8.4.2", "vulns": []}
LOST = {"name": "local", "skip_reason": "local is not known"}
WEAK = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["3.1.3", "4.0"], "aliases": ["CVE-1"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ],
}


@pytest.mark.parametrize(
    ("packages", "status", "told"),
    [
        ([], 0, ["0 of 0 packages looked up, 0 vulnerabilities"]),
        ([CLEAN], 0, ["1 of 1 packages looked up, 0 vulnerabilities"]),
        ([CLEAN, LOST], 0, [LOST["skip_reason"], "1 of 2 packages looked up, 0 vulnerabilities"]),
        (
            [CLEAN, WEAK],
            1,
            [
                "jinja2 3.1.0: PYSEC-1, mended in 3.1.3, 4.0",
                "jinja2 3.1.0: PYSEC-2, mended in no version",
                "2 of 2 packages looked up, 2 vulnerabilities",
            ],
        ),
    ],
)
def test_what_was_found(packages: list[Any], status: int, told: list[str]) -> None:
    report = json.dumps({"dependencies": packages, "fixes": []})
    assert judge(report, "No matter what was said: ConnectionError") == (status, told)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Traceback\nrequests.exceptions.ConnectionError: api.osv.dev: no such host\n", 0),
        ("ERROR:pip_audit._cli:Could not connect to OSV's vulnerability feed", 0),
        ("requests.exceptions.ReadTimeout: timed out", 0),
        ("pip_audit._service.interface.ServiceError: 503 Server Error", 0),
        ("pip-audit: error: unrecognized arguments: --nonsense", 2),
        ("", 2),
    ],
)
def test_where_there_is_no_report_only_the_network_is_excused(said: str, status: int) -> None:
    ended, (line,) = judge("", said)
    assert ended == status
    assert line == f"not audited: {(said or 'pip-audit said nothing').strip().splitlines()[-1]}"
