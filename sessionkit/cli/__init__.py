"""The command line: arguments in, exit status out, no logic of its own.

`main` is the entry point `sessionkit`. What a command needs is imported when it runs, so that
`--help` answers at once.

Layer: top; imports everything below.
"""

from __future__ import annotations

import click

from sessionkit.cli.answers import QUESTIONS, sql
from sessionkit.cli.checking import check
from sessionkit.cli.completing import complete_values, completion
from sessionkit.cli.jobs import flatten, report
from sessionkit.cli.loading import load
from sessionkit.cli.making import generate
from sessionkit.cli.reconciling import reconcile
from sessionkit.cli.shell import Shell
from sessionkit.cli.storing import STORING

HELP = """Read exported Talon.One customer sessions and answer what they were worth.

The main job: dumps in, a summary and one page out.

\b
  sessionkit report exports/ -o report.html

SOURCE is a file, a pattern, a folder of dumps, a URL, `-` for standard input, a folder that
`sessionkit flatten` wrote, or a store that `sessionkit load` filled. `sessionkit COMMAND --help`
shows examples of each command.
"""


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from sessionkit.version import version

    click.echo(f"sessionkit {version()}")
    ctx.exit()


@click.group(cls=Shell, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Run one command."""


for _command in (report, flatten, check, load, *QUESTIONS, reconcile, sql, *STORING, generate):
    complete_values(_command)
    main.add_command(_command)
main.add_command(completion)

__all__ = ["main"]
