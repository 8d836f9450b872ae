"""Print what can be set."""

import argparse

from server.settings import example, table

HELP = "print every setting with its default, as a .env file"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the choice of form."""
    parser.add_argument("--markdown", action="store_true", help="as the table of the documentation")


def run(arguments: argparse.Namespace) -> int:
    print(table() if arguments.markdown else example(), end="")
    return 0
