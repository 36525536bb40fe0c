"""How a command asks a question: read, ask, write.

Layer: inside `cli`, above `opening` and `output`; imports `questions` from below when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.opening import Opened, opened
from sessionkit.cli.options import (
    ASKING,
    PRINTING,
    READING,
    SOURCES,
    Decorated,
    options,
    question_arguments,
)
from sessionkit.cli.output import chosen_format, write
from sessionkit.cli.shell import say

if TYPE_CHECKING:
    from sessionkit.result import Result

Ask = Callable[[Opened, dict[str, Any]], "Result"]


def question_command(name: str, short: str, help: str, *own: Decorated) -> click.Command:
    """Make the command that asks one question.

    Args:
        name: The question's; the command has dashes in it.
        short: What it answers, for the list of commands.
        help: What it answers, with examples.
        own: Options of its own, called as the arguments of the question's function.

    Returns:
        The command.
    """
    named = _names(own)

    def command(**values: Any) -> int:
        arguments = question_arguments(values) | {option: values[option] for option in named}

        def ask(found: Opened, _: dict[str, Any]) -> Result:
            from sessionkit import questions

            question: Callable[..., Result] = getattr(questions, name)
            return question(found.source, **arguments)

        return answer(ask, values)

    decorated = options(SOURCES, *own, ASKING, PRINTING, READING)(command)
    dashed = name.replace("_", "-")
    made: click.Command = click.command(dashed, help=help, short_help=short)(decorated)
    return made


def _names(own: Sequence[Decorated]) -> list[str]:
    """What the values of options are called."""

    def bare() -> None:
        """Stand where a command will."""

    decorated = options(*own)(bare)
    return [one.name for one in getattr(decorated, "__click_params__", ())]


def answer(ask: Ask, values: dict[str, Any]) -> int:
    """Read, ask, write; what is for people goes to standard error."""
    format = chosen_format(values["format"], values["output"])
    found = opened(values["sources"], values)
    if not (values["quiet"] or found.is_past):
        from sessionkit.cli.summary import summary

        say(summary(found.facts))
    result = ask(found, values)
    if not values["quiet"]:
        for note in result.notes:
            say(f"note: {note}")
    if values["verbose"]:
        say(result.sql)
    write(result, format, values["output"])
    if values["output"] and not values["quiet"]:
        say(f"written: {values['output']}")
    return found.status(values)
