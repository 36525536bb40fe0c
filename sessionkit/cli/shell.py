"""Which exit status a command ends with, and what it says when it could not do its work.

    0    done
    1    done, but something was rejected or a check failed; the command returned 1
    2    could not do it: bad usage, no such file, nothing readable, disk full
    130  stopped by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP. What was under way is taken back, or
         was finished if it was almost there

Every status but 0 comes with a message on standard error, and never with a traceback.

Layer: inside `cli`, above `saying`; imports `errors` from below. Light: `--help` pays for what it
imports.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import click

from sessionkit.cli.saying import TIMED, say_fault
from sessionkit.cli.saying import say as say
from sessionkit.errors import SessionkitError

DONE, FAULTS, IMPOSSIBLE = 0, 1, 2

VERBOSE = "sessionkit.verbose"
"""Where a command notes that it is to tell more."""

_STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")
_UNTOUCHED = (signal.SIG_DFL, signal.default_int_handler)
_AT_ONCE = 1.0
"""Seconds in which signals count as one: a terminal and a runner such as make may both send it."""

_AGAIN = 0.05
"""Seconds until a signal is sent again that Python did not hear."""


class Stopped(BaseException):
    """A signal stopped the command; 128 and the signal's number are its exit status."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        self.status = 128 + number


class Shell(click.Group):
    """A group of commands that return their exit status, and whose errors become messages."""

    heard: Sequence[int] = ()
    """The signals that have asked it to stop."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order they were added: the main job first."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; underscores will do for dashes, as Python has them."""
        return super().get_command(ctx, cmd_name.replace("_", "-"))

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and exit with its status."""
        run: Callable[..., Any] = super().main
        if extra.pop("standalone_mode", True):
            own = not args and "args" not in extra  # called as a program, not by one
            scratch = _Scratch()
            with scratch, _stoppable(for_good=own) as self.heard:
                with_scratch = {"obj": scratch} | extra
                status = status_of(lambda: run(*args, standalone_mode=False, **with_scratch))
            sys.exit(status)
        return run(*args, standalone_mode=False, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a signal broke off was stopped, whatever error came of it.

        DuckDB makes a `RuntimeError` of it, others an error of their own.
        """
        began = monotonic()
        try:
            if isinstance(ctx.obj, _Scratch):
                ctx.obj.make()
            ended = super().invoke(ctx)
            if ctx.meta.get(VERBOSE):
                say(f"took {monotonic() - began:,.1f} s")
            return ended
        except BaseException as error:
            if self.heard or isinstance(error, KeyboardInterrupt):
                raise Stopped(*self.heard[:1]) from error
            raise


def status_of(call: Callable[[], int | None]) -> int:
    """Run a command and turn whatever happens to it into an exit status and a message."""
    _lenient(sys.stdout)
    TIMED.set(False)
    try:
        status = call()
        sys.stdout.flush()
        return status or DONE
    except (Stopped, click.Abort, KeyboardInterrupt) as stop:
        _say_stopped()
        return stop.status if isinstance(stop, Stopped) else Stopped().status
    except click.ClickException as error:
        command = getattr(error, "ctx", None)
        hint = f"Try '{command.command_path} --help'." if command else ""
        say_fault(error.format_message(), hint)
        return error.exit_code
    except SessionkitError as error:
        say_fault(str(error))
    except SystemExit:  # how click ends when nobody reads standard output any more
        return DONE
    except OSError as error:
        _abandon_output()
        say_fault(_told(error))
    except UnicodeEncodeError as error:
        told = error.object[max(error.start - 20, 0) : error.end]
        say_fault(f"{told!a} holds bytes that are no text in UTF-8.")
    except MemoryError:
        say_fault("there is not enough memory for this.")
    except RuntimeError as error:
        if not any(told in str(error) for told in _NO_THREAD):
            raise
        say_fault("there is not enough memory for this: no thread can be started.")
    return IMPOSSIBLE


_NO_THREAD = ("can't start new thread", "Resource temporarily unavailable")
"""What Python and the system's library say where there is no room for the stack of a thread."""


class _Scratch:
    """One folder for all temporary files of a command.

    An interrupt can hit the removal of any temporary folder; this one is removed when no signal is
    heard any more, with whatever is left in it.
    """

    _path: Path | None = None
    _before: str | None = None

    def make(self) -> None:
        """Make it, and let it be where temporary files go."""
        import tempfile
        from secrets import token_hex

        self._before = tempfile.tempdir
        self._path = Path(tempfile.gettempdir(), f"sessionkit-{token_hex(8)}")
        self._path.mkdir(mode=0o700)
        tempfile.tempdir = str(self._path)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            import shutil
            import tempfile

            tempfile.tempdir = self._before
            shutil.rmtree(self._path, ignore_errors=True)


@contextmanager
def _stoppable(*, for_good: bool) -> Iterator[Sequence[int]]:
    """While a command runs, let SIGTERM and SIGHUP stop it as Ctrl-C does, with nothing half-done.

    A signal that somebody has taken or ignores already, such as SIGHUP under nohup, stays so.

    Args:
        for_good: The process ends with the command: let it end in peace, whatever comes now.

    Yields:
        The signals that came.
    """
    heard: list[int] = []
    last = -_AT_ONCE

    def stop(number: int, _: object) -> None:
        nonlocal last
        since, last = monotonic() - last, monotonic()
        heard.append(number)
        if since >= _AT_ONCE:
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in _STOPPING if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] in _UNTOUCHED]
    for number in ours:
        signal.signal(number, stop)
    try:
        with _woken(ours, heard):
            yield heard
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_IGN if for_good else before[number])


@contextmanager
def _woken(numbers: Sequence[int], heard: Sequence[int]) -> Iterator[None]:
    """Let a signal break off a wait for input, too.

    Importing polars has the system go on waiting after Ctrl-C, so that Python would hear of it
    only when something comes. A thread learns of a signal at once, and sends it again until it is
    heard.
    """
    if not numbers or not hasattr(signal, "siginterrupt"):
        yield
        return
    main, over = threading.get_ident(), threading.Event()
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)

    def listen() -> None:
        while came := os.read(ear, 1):
            while came[0] in numbers and not (heard or over.wait(_AGAIN)):
                signal.siginterrupt(came[0], True)
                signal.pthread_kill(main, came[0])
        os.close(ear)

    before = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    with suppress(RuntimeError):  # no room for a thread: what the command does will say so
        threading.Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(before)
        os.close(mouth)


def _say_stopped() -> None:
    """Say it on a line of its own: a terminal has written ^C into the one under way."""
    eval("0")  # Python forgets an interrupt of code in a text, and ends by the status told it
    click.echo("\n" * sys.stderr.isatty() + "Stopped.", err=True)


def _told(error: OSError) -> str:
    """What the system says, with the file it says it of."""
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror or error}"


def _lenient(stream: Any) -> None:
    """Letters that a terminal of another encoding cannot show become `?`, not an error."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


def _abandon_output() -> None:
    """Nobody reads standard output any more: keep the interpreter from complaining at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        return
