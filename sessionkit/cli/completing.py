"""Completion in the shell: what can stand where the cursor is, and the script that asks for it.

The shell asks the command itself (by the variable `_SESSIONKIT_COMPLETE`), so the script never
grows old.

Layer: inside `cli`, above `shell`; looks names up in `dimensions` and `lifecycle` when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from sessionkit.cli.options import Named
from sessionkit.cli.shell import DONE

Names = Callable[[], Iterable[str]]

_VARIABLE = "_SESSIONKIT_COMPLETE"
_FILES = ("SOURCE...", "STORE", "FILE", "FILE.duckdb", "KEYFILE")
_FOLDERS = ("DIR",)


class Words(click.ParamType[Any]):
    """A text, of names with commas between: the last one is completed."""

    name = "text"

    def __init__(self, names: Names, ending: str = "") -> None:
        self._names = names
        self._ending = ending

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """The names that begin so, behind those that stand there already."""
        before, comma, begun = incomplete.rpartition(",")
        return [
            CompletionItem(f"{before}{comma}{name}{self._ending}")
            for name in self._names()
            if name.startswith(begun)
        ]


def complete_values(command: click.Command) -> None:
    """Let the values of a command's parameters be completed, by what they are called in its help.

    It changes nothing in how values are read.
    """
    for param in command.params:
        names = _BY_NAME.get(param.name or "")
        if isinstance(param, Named):
            _complete(param, Words(param.names))
        elif names is not None:
            _complete(param, names)
        elif param.metavar in _FILES:
            _complete(param, click.Path())
        elif param.metavar in _FOLDERS:
            _complete(param, click.Path(file_okay=False))


def _complete(param: click.Parameter, by: click.ParamType[Any]) -> None:
    def complete(ctx: click.Context, incomplete: str) -> list[CompletionItem[Any]]:
        return by.shell_complete(ctx, param, incomplete)

    param.shell_complete = complete  # type: ignore[method-assign]


def _groups() -> Iterable[str]:
    from sessionkit.dimensions import DIMENSIONS

    return [name for name, one in DIMENSIONS.items() if one.groups]


def _dimensions() -> Iterable[str]:
    from sessionkit.dimensions import DIMENSIONS

    return DIMENSIONS


def _populations() -> Iterable[str]:
    from sessionkit.lifecycle import POPULATIONS, STATES

    return dict.fromkeys((*POPULATIONS, *STATES))


def _zones() -> Iterable[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


_BY_NAME: dict[str, Words] = {
    "by": Words(_groups),
    "where": Words(_dimensions, "="),
    "population": Words(_populations),
    "compare": Words(lambda: ("previous", "year")),
    "tz": Words(_zones),
    "assume_tz": Words(_zones),
}
"""What completes the options of these names."""

COMPLETION_HELP = """Print the script that completes commands, options and names in your shell.

\b
Examples:
  sessionkit completion bash
  sessionkit completion zsh
  sessionkit completion fish

\b
Have it at each start:
  bash: add  eval "$(sessionkit completion bash)"  to ~/.bashrc
  zsh:  add  eval "$(sessionkit completion zsh)"  to ~/.zshrc, below compinit
  fish: run  sessionkit completion fish > ~/.config/fish/completions/sessionkit.fish
"""


@click.command(help=COMPLETION_HELP, short_help="Print the script for completion in your shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the script for completion in your shell."""
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(ctx.find_root().command, {}, "sessionkit", _VARIABLE).source())
    return DONE
