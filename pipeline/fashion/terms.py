"""What a word of the lexicon is."""

from dataclasses import dataclass

Implied = tuple[str, str]
"""A slot and the value that a word brings along, such as ("fabric", "denim")."""


@dataclass(frozen=True, slots=True)
class Garment:
    """A garment with its written forms besides the name; `kind` is one of the ten types.

    A garment without `fine` is the type itself, not a subtype of it.
    """

    name: str
    kind: str
    also: tuple[str, ...] = ()
    implies: tuple[Implied, ...] = ()
    fine: bool = True


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a slot ("fabric", "neckline") with its written forms besides the value itself.

    A value that is not `spoken` is none of its own written forms: "cap" is a hat.
    """

    slot: str
    value: str
    also: tuple[str, ...] = ()
    implies: tuple[Implied, ...] = ()
    spoken: bool = True


def words(text: str) -> frozenset[str]:
    """Return a set of words written in a row."""
    return frozenset(text.split())
