"""The documents, and the fenced blocks in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `shown` is the output that the document shows right after it."""

    document: Path
    line: int
    language: str
    text: str
    shown: str | None = None

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    """Return the blocks in order; output goes with the shell block that it follows."""
    text = document.read_text()
    found: list[Block] = []
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        block = Block(document, line, match[1], match[2])
        if block.language == "text" and found and found[-1].language == "sh":
            before = found.pop()
            block = Block(document, before.line, "sh", before.text, shown=block.text)
        found.append(block)
    return found


def prose(document: Path) -> str:
    """Return the document without its blocks."""
    return _FENCE.sub("", document.read_text())


def inline_code(document: Path) -> list[str]:
    return _INLINE.findall(prose(document))


ALL = [block for document in DOCUMENTS for block in blocks(document)]
