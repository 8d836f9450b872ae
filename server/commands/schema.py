"""Print the GraphQL schema, or its reference."""

import argparse

from resolvers.api import schema
from schema.markdown import reference

HELP = "print the GraphQL schema (SDL), or its reference in Markdown"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the form."""
    parser.add_argument("--markdown", action="store_true", help="the reference instead of the SDL")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    sdl = schema.as_str()
    print(reference(sdl).rstrip() if arguments.markdown else sdl)
    return 0
