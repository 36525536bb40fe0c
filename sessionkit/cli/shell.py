"""Which exit status a command ends with, and what it says when it could not do its work.

    0    done
    1    done, but something was rejected or a check failed; the command returned 1
    2    could not do it: bad usage, no such file, nothing readable, disk full
    130  interrupted

Every status but 0 comes with a message on standard error, and never with a traceback.

Layer: bottom of `cli`; imports `errors` from below. Light: `--help` pays for what it imports.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from sessionkit.errors import SessionkitError

DONE, FAULTS, IMPOSSIBLE, INTERRUPTED = 0, 1, 2, 130


class Shell(click.Group):
    """A group of commands that return their exit status, and whose errors become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order they were added: the main job first."""
        return list(self.commands)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and exit with its status."""
        run: Callable[..., Any] = super().main
        if extra.pop("standalone_mode", True):
            sys.exit(status_of(lambda: run(*args, standalone_mode=False, **extra)))
        return run(*args, standalone_mode=False, **extra)


def status_of(call: Callable[[], int | None]) -> int:
    """Run a command and turn whatever happens to it into an exit status and a message."""
    _lenient(sys.stdout)
    try:
        status = call()
        sys.stdout.flush()
        return status or DONE
    except click.Abort:
        say("Interrupted.")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SessionkitError as error:
        say(f"Error: {error}")
    except SystemExit:  # how click ends when nobody reads standard output any more
        return DONE
    except OSError as error:
        _abandon_output()
        say(f"Error: {_told(error)}")
    except UnicodeEncodeError as error:
        told = error.object[max(error.start - 20, 0) : error.end]
        say(f"Error: {told!a} holds bytes that are no text in UTF-8.")
    except MemoryError:
        say("Error: there is not enough memory for this.")
    return IMPOSSIBLE


def say(message: str) -> None:
    """Write one message for a person, without control characters from the data."""
    from sessionkit.page.numbers import printable

    for line in message.splitlines():
        click.echo(printable(line), err=True)


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
