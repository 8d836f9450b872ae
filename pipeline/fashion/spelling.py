"""Slips of the keyboard: two letters swapped, one missing or one too many."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

_MEANT = frozenset({"there", "quite", "clothes", "stain", "coast", "plane", "shore"})
_SHORTEST = 5
"""Shorter words have too many neighbours."""


def mended(word: str, known: AbstractSet[str]) -> str:
    """Return the only known word that a slip makes of this one, else the word as it is.

    The first letter is taken as right, no letter is exchanged for another ("while" stays), and
    none comes or goes at the end: "dream" is not "dreamy".
    """
    if word in known or word in _MEANT or len(word) < _SHORTEST or not word.isalpha():
        return word
    found = {near for near in _slips(word) if near in known and len(near) >= _SHORTEST}
    return found.pop() if len(found) == 1 else word


def _slips(word: str) -> Iterator[str]:
    for i in range(1, len(word) - 1):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    for i in range(1, len(word)):
        for letter in "abcdefghijklmnopqrstuvwxyz":
            yield word[:i] + letter + word[i:]
