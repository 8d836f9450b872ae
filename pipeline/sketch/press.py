"""A child process that turns SVG into PNG, read from stdin and written to stdout.

It runs as a script and imports nothing of ours, so that it starts fast and stays small. Each
message, in both directions, is its length in four bytes, big-endian, and the bytes themselves.
"""

import sys

from resvg import render, usvg

_STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
PREFIX = 4


def printed(svg: str) -> bytes:
    """Return the picture as PNG."""
    return render(usvg.Tree.from_str(svg, usvg.Options.default()), _STRAIGHT)


def main() -> None:
    """Serve until stdin ends."""
    while prefix := sys.stdin.buffer.read(PREFIX):
        svg = sys.stdin.buffer.read(int.from_bytes(prefix, "big"))
        picture = printed(svg.decode())
        sys.stdout.buffer.write(len(picture).to_bytes(PREFIX, "big") + picture)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
