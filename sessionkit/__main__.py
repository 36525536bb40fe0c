"""`python -m sessionkit` is the command `sessionkit`."""

from sessionkit.cli import main

if __name__ == "__main__":
    main(prog_name="sessionkit")
