"""Colours of what a garment shows or bears: "with a red heart", "with the word LOVE in black"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.fashion.parts import spots
from pipeline.fashion.placing import Placing
from pipeline.fashion.scanning import STOPS, Found, Scan, stem
from pipeline.fashion.terms import words

_SHOWING = words("with featuring showing depicting bearing")
_OF_COLOUR = words(
    "colour color tone shade hue tint palette colourway colorway undertone highlight scheme base "
    "ground background backdrop fabric cloth material upper "
    "exterior outer outside look outfit piece item garment version style design vibe"
)
_LINKS = words(
    "with without and or but on in at of for from to by over under across along around down up "
    "is are that which & against worn then only"
)
_DETERMINERS = words("a an the its some one two three")
_FURTHEST = 6
"""How many words may stand between "with" and the colour."""


@dataclass(frozen=True, slots=True)
class Depicted:
    """What is shown, in words, and the first tokens of the colours it is shown in."""

    words: str
    colours: frozenset[int]


def depicted(text: Scan, ours: Sequence[Found], placed: Placing) -> tuple[Depicted, ...]:
    """Return what has a colour but is no part of the garment: such a colour has no area on it."""
    sentence = _Words(text)
    colours = [f for f in ours if f.colour and not f.negated and f.start not in placed.taken]
    found: list[Depicted] = []
    for colour in colours:
        if any(colour.start in one.colours for one in found):
            continue
        one = sentence.noun_after(colour) or sentence.noun_before(colour, colours)
        if one:
            found.append(one)
    return tuple(found)


class _Words:
    """A sentence, and which of its words the lexicon has nothing to say of."""

    def __init__(self, text: Scan) -> None:
        known = {i for found in text.found for i in range(found.start, found.end)}
        known |= {i for spot in spots(text).values() for i in range(spot.start, spot.end)}
        self.tokens = text.tokens
        self.colours = {found.start: found for found in text.found if found.colour}
        self.unknown = {
            i
            for i, token in enumerate(text.tokens)
            if i not in known and token not in STOPS | _LINKS | _DETERMINERS
        }

    def noun_after(self, colour: Found) -> Depicted | None:
        """Return "red and white hearts" where nothing else is coloured so."""
        listed = tuple(self._listed(colour))
        end = listed[-1].end
        while end in self.unknown:
            end += 1
        whole = end == len(self.tokens) or self.tokens[end] in STOPS | _LINKS
        if end == listed[-1].end or not whole or stem(self.tokens[end - 1]) in _OF_COLOUR:
            return None
        if self._shown(colour.start) is None:
            return None
        said = " ".join(self.tokens[colour.start : end])
        return Depicted(said, frozenset(one.start for one in listed))

    def noun_before(self, colour: Found, colours: Sequence[Found]) -> Depicted | None:
        """Return "hearts in red" where the garment has a colour of its own."""
        at = colour.start - 1
        if self.tokens[at : at + 1] != ("in",) or at - 1 not in self.unknown:
            return None
        begin = self._shown(at)
        if begin is None or not any(other.end <= begin for other in colours):
            return None
        said = " ".join(self.tokens[begin + 1 : colour.end])
        return Depicted(said.removeprefix("the ").removeprefix("a "), frozenset({colour.start}))

    def _listed(self, colour: Found) -> Iterator[Found]:
        following: Found | None = colour
        while following:
            yield following
            at = following.end
            if self.tokens[at : at + 1] in (("and",), ("&",), (",",)):
                at += 1
            following = self.colours.get(at)

    def _shown(self, end: int) -> int | None:
        """Return where "with" stands before, with nothing between that the lexicon knows."""
        for at in range(end - 1, max(end - 1 - _FURTHEST, -1), -1):
            if self.tokens[at] in _SHOWING:
                return at
            between = at in self.unknown or self.tokens[at] in _DETERMINERS | {"in", "of"}
            if not between:
                return None
        return None
