"""Ask OSV whether what is installed is vulnerable: `python3 -m tests.tools.audit PYTHON`.

Audited is all that is installed beside that Python, less pip and what was installed from a folder.
pip-audit does it, from an environment that is made for it and thrown away. Status 1 if something is
known to be vulnerable, 2 if pip-audit failed. Where the service cannot be reached that is told, and
is no failure: nothing was found, and nothing was looked up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

UNREACHED = re.compile(r"ConnectionError|Could not connect|Timeout|ServiceError|HTTPError")
"""What pip-audit says where the service, and not the audit, is at fault."""


def judge(report: str, complaints: str) -> tuple[int, list[str]]:
    """The status that a run of pip-audit ends with, and what is said of it.

    Args:
        report: What it printed, as JSON; no JSON where it failed.
        complaints: What it said beside.

    Example:
        >>> judge("", "requests.exceptions.ConnectionError: api.osv.dev")
        (0, ['not audited: requests.exceptions.ConnectionError: api.osv.dev'])
    """
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        last = (complaints.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return (0 if UNREACHED.search(complaints) else 2), [f"not audited: {last}"]
    skipped = [one["skip_reason"] for one in packages if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {vuln['id']}, mended in {fixes(vuln['fix_versions'])}"
        for one in packages
        for vuln in one.get("vulns", ())
    ]
    looked_up = len(packages) - len(skipped)
    told = f"{looked_up} of {len(packages)} packages looked up, {len(found)} vulnerabilities"
    return (1 if found else 0), [*skipped, *found, told]


def fixes(versions: list[str]) -> str:
    """The versions that mend something, or that none does."""
    return ", ".join(versions) or "no version"


def main() -> int:
    """Audit the environment of the Python that is named."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    freeze = [sys.argv[1], "-m", "pip", "freeze", "--exclude-editable"]
    told = subprocess.run(freeze, capture_output=True, text=True, check=True).stdout.splitlines()
    pinned = [line for line in told if "==" in line]
    with TemporaryDirectory(prefix="audit-") as folder:
        home, file = Path(folder) / "venv", Path(folder) / "requirements.txt"
        file.write_text("\n".join(pinned), encoding="utf-8")
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        inside = str(home / "bin" / "python")
        subprocess.run([inside, "-m", "pip", "install", "-q", "pip-audit"], check=True)
        audit = [
            inside,
            "-m",
            "pip_audit",
            "-s",
            "osv",
            "-r",
            str(file),
            "--no-deps",
            "--disable-pip",
        ]
        done = subprocess.run(
            [*audit, "-f", "json", "--progress-spinner", "off"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    status, lines = judge(done.stdout, done.stderr)
    print(*lines, sep="\n")  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main())
