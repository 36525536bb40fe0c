"""Whoever watches is told how far reading came: a function, a terminal, a notebook; else nobody."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

import sessionkit as sk
from sessionkit.errors import UsageError
from sessionkit.progress import ReadSoFar, telling, told
from tests.literal_dumps import BROKEN, THREE, write_lines

PATIENCE = 60
"""Seconds after which something hangs."""


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Three good records and a bad one."""
    return write_lines(tmp_path / "four.jsonl", *THREE, BROKEN)


# ---- in words


@pytest.mark.parametrize(
    ("so_far", "seconds", "words"),
    [
        (
            ReadSoFar(12_500_000, 290_900_000, 14_020, 3),
            0.25,
            "12.5 MB of 290.9 MB · 14,020 records · 3 rejects · 50.0 MB/s",
        ),
        (ReadSoFar(999, None, 1, 1), 0.0, "999 bytes · 1 record · 1 reject"),
        (ReadSoFar(999_949, 0, 0, 0), 1.0, "999.9 kB · 0 records · 0 rejects · 999.9 kB/s"),
        (ReadSoFar(999_950, None, 0, 0), 0.0, "1.0 MB · 0 records · 0 rejects"),
        (ReadSoFar(7 * 10**12, 8 * 10**12, 0, 0), 0.0, "7.0 TB of 8.0 TB · 0 records · 0 rejects"),
    ],
)
def test_what_was_read_in_words(so_far: ReadSoFar, seconds: float, words: str) -> None:
    assert told(so_far, seconds) == words


# ---- a function, or nobody


def test_a_function_is_told_up_to_the_end(dump: Path) -> None:
    heard: list[ReadSoFar] = []
    sk.read(dump, progress=heard.append)
    size = dump.stat().st_size
    assert heard[-1] == ReadSoFar(bytes=size, bytes_known=size, records=4, rejects=1)
    assert heard == sorted(heard)


def test_scan_tells_a_function_too(dump: Path) -> None:
    heard: list[ReadSoFar] = []
    assert sum(part.records for part in sk.scan(dump, progress=heard.append)) == 4
    assert heard[-1].records == 4


@pytest.mark.parametrize("nobody", [None, False, True])
def test_nobody_is_told_where_nobody_watches(nobody: bool | None) -> None:
    with telling(nobody) as tell:  # standard error is no terminal in a test
        assert tell is None


def test_what_is_no_way_to_tell_is_refused() -> None:
    with (
        pytest.raises(UsageError, match="progress: expected True, False or a function, got 'bar'"),
        telling("bar"),  # type: ignore[arg-type]
    ):
        pass


def test_silence_costs_no_import() -> None:
    code = "import sys, sessionkit.progress\nprint({'rich', 'IPython'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


# ---- a terminal


def on_terminal(*arguments: str, width: int = 100) -> tuple[str, str]:
    """Run Python with a terminal for standard error alone; give its output and what was seen."""
    ours, theirs = pty.openpty()
    env = os.environ | {"COLUMNS": str(width), "TERM": "xterm"}
    command = [sys.executable, *arguments]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=env, text=True)
    os.close(theirs)
    seen = b""
    while part := _read(ours):
        seen += part
    os.close(ours)
    output, _ = run.communicate(timeout=PATIENCE)
    return output, seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how the end of a terminal is told
        return b""


ERASE = "\x1b[2K"


def test_a_terminal_shows_a_bar_that_is_gone_afterwards(dump: Path) -> None:
    output, seen = on_terminal("-m", "sessionkit", "states", str(dump), "--format", "json")
    size = f"{dump.stat().st_size / 1000:,.1f} kB"
    shown = f"{size} of {size} · 4 records · 1 reject · "
    assert shown in seen
    assert "━" * 24 in seen
    assert " 100% " in seen
    assert ERASE in seen[seen.rindex(shown) :]
    assert "4 records = 3 sessions" in seen[seen.rindex(ERASE) :]
    assert json.loads(output)


def test_a_narrow_terminal_shows_the_words_without_the_bar(dump: Path) -> None:
    _, seen = on_terminal("-m", "sessionkit", "states", str(dump), width=60)
    assert "4 records · 1 reject" in seen
    assert "━" not in seen


def test_quiet_shows_no_bar_on_a_terminal(dump: Path) -> None:
    _, seen = on_terminal("-m", "sessionkit", "states", str(dump), "-q", "--allow-rejects", "1")
    assert seen == ""


def test_a_bar_takes_nothing_from_standard_output(dump: Path) -> None:
    code = (
        "import sys, sessionkit as sk\n"
        "for part in sk.scan(sys.argv[1], progress=True): print(part.records)\n"
        "print(sk.read(sys.argv[1], progress=True).records)"
    )
    output, seen = on_terminal("-c", code, str(dump))
    assert output == "4\n4\n"
    assert seen.count("4 records") >= 2


@pytest.mark.parametrize("forced", [{}, {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}])
def test_a_pipe_is_told_nothing(dump: Path, forced: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sessionkit", "states", str(dump), "--allow-rejects", "1"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | forced
    )
    assert "\x1b" not in run.stderr
    assert run.stderr.startswith("1 file read")
    code = "import sys, sessionkit as sk; sk.read(sys.argv[1], progress=True)"
    command = [sys.executable, "-c", code, str(dump)]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | forced
    )
    assert run.stdout + run.stderr == ""


# ---- a notebook


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    """A kernel as a notebook starts it, in a process of its own."""
    home = tmp_path_factory.mktemp("kernel")
    place = home / "connection.json"
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(place)]
    env = os.environ | {"IPYTHONDIR": str(home), "JUPYTER_RUNTIME_DIR": str(home)}
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        until = monotonic() + PATIENCE
        while not (place.exists() and place.read_bytes().endswith(b"}")) and monotonic() < until:
            sleep(0.05)
        client = BlockingKernelClient(connection_file=str(place))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        yield client
        client.stop_channels()
        process.kill()


def said_by(kernel: BlockingKernelClient, *lines: str) -> list[tuple[str, Any]]:
    """Run a cell; give the kind and content of everything that it shows."""
    given: list[tuple[str, Any]] = []
    reply = kernel.execute_interactive(
        "\n".join(lines),
        timeout=PATIENCE,
        output_hook=lambda message: given.append((message["msg_type"], message["content"])),
    )
    assert reply["content"]["status"] in ("ok", "error")
    return [(kind, content) for kind, content in given if kind not in ("status", "execute_input")]


def test_a_notebook_shows_one_bar_in_place_and_leaves_one_line(
    kernel: BlockingKernelClient, dump: Path
) -> None:
    said = said_by(
        kernel,
        "import sessionkit as sk, sessionkit.progress",
        "sessionkit.progress.EVERY = 0.0",
        f"tables = sk.read({str(dump)!r}, progress=True)",
    )
    first, *others = said
    assert first[0] == "display_data"
    assert {kind for kind, _ in others} == {"update_display_data"}
    assert len({content["transient"]["display_id"] for _, content in said}) == 1
    first_html, last_html = first[1]["data"]["text/html"], others[-1][1]["data"]["text/html"]
    assert 'role="progressbar"' in first_html
    assert "progressbar" not in last_html
    last = others[-1][1]["data"]["text/plain"]
    assert last.startswith(f"Read {dump.stat().st_size / 1000:.1f} kB · 4 records · 1 reject · ")
    assert last.endswith(" s")
    assert last in last_html


def test_a_short_read_in_a_notebook_leaves_the_line_alone(
    kernel: BlockingKernelClient, dump: Path
) -> None:
    said = said_by(
        kernel,
        "import sessionkit as sk, sessionkit.progress",
        "sessionkit.progress.EVERY = 60.0",
        f"tables = sk.read({str(dump)!r}, progress=True)",
    )
    assert [kind for kind, _ in said] == ["display_data"]
    assert "Read " in said[0][1]["data"]["text/plain"]


def test_a_read_that_fails_in_a_notebook_says_where_it_stopped(
    kernel: BlockingKernelClient,
) -> None:
    said = said_by(
        kernel,
        "from sessionkit.progress import ReadSoFar, telling",
        "with telling(True) as tell:",
        "    tell(ReadSoFar(500, 1000, 3, 0))",
        "    raise SystemError('torn')",
    )
    assert [kind for kind, _ in said] == ["display_data", "error"]
    left = said[0][1]["data"]["text/plain"]
    assert left.startswith("Stopped after 500 bytes of 1.0 kB · 3 records · 0 rejects")


def test_a_notebook_without_progress_shows_nothing(
    kernel: BlockingKernelClient, dump: Path
) -> None:
    assert said_by(kernel, f"tables = __import__('sessionkit').read({str(dump)!r})") == []
