"""Which words of a sentence speak of its garment, and which of something else in the picture."""

from dataclasses import dataclass
from itertools import pairwise

from pipeline.fashion.scanning import STOPS, Found, Scan, stem
from pipeline.fashion.terms import Garment, Word, words

_SCENE = words(
    "background backdrop wall floor studio light lighting sky hair skin eye street "
    "mannequin hanger table chair room sunglasses jewellery jewelry earring necklace "
    "lipstick"
)
_SET = words("coord coords ord ords twinset matching set")
_LAST_NAMES = {"tie": (Garment("necktie", ""),)}
_BOUNDARIES = STOPS | words(
    "with over under underneath beneath plus on in against at a an the his her their my "
    "worn wearing paired layered & and"
)


@dataclass(frozen=True, slots=True)
class Head:
    """A noun at tokens start..end with the garments it names; none for a thing of the scene."""

    start: int
    end: int
    garments: tuple[Garment, ...] = ()

    @property
    def kind(self) -> str:
        """The garment type of the last of adjacent nouns: a "shirt dress" is a dress."""
        return self.garments[-1].kind if self.garments else ""


def main_head(scan: Scan) -> Head | None:
    """Return the noun that the sentence is about: the first garment of the ten types, if any."""
    worn = [head for head in _heads(scan) if head.garments] or _by_last_name(scan)
    return next((head for head in worn if head.kind), worn[0] if worn else None)


def _by_last_name(scan: Scan) -> list[Head]:
    """Return what is a garment where no other is named: a "tie belt" is none, a "silk tie" is."""
    known = {i for found in scan.found for i in range(found.start, found.end)}
    return [
        Head(at, at + 1, garments)
        for at, token in enumerate(scan.tokens)
        if at not in known and (garments := _LAST_NAMES.get(stem(token)))
    ]


def own(scan: Scan, main: Head | None) -> tuple[Found, ...]:
    """Return what was found about the main garment."""
    foreign = set[int]() if _SET & {*scan.tokens} else _foreign(scan, main)
    return tuple(found for found in scan.found if found.start not in foreign)


def _heads(scan: Scan) -> list[Head]:
    heads: list[Head] = []
    covered = {i for found in scan.found for i in range(found.start, found.end)}
    for found in scan.found:
        garments = tuple(term for term in found.terms if isinstance(term, Garment))
        if not garments or found.negated or (heads and _part_of(heads[0], found)):
            continue
        if heads and heads[-1].end == found.start:
            last = heads.pop()
            heads.append(Head(last.start, found.end, (*last.garments, *garments)))
        else:
            heads.append(Head(found.start, found.end, garments))
    scene = (
        Head(i, i + 1)
        for i, token in enumerate(scan.tokens)
        if i not in covered and stem(token) in _SCENE
    )
    return sorted((*heads, *scene), key=lambda head: head.start)


def _part_of(main: Head, found: Found) -> bool:
    """Whether a garment's name means a part of another: "with a turtleneck", a dress's skirt."""
    if main.end == found.start or main.kind in ("", "skirt"):
        return False
    kinds = {term.kind for term in found.terms if isinstance(term, Garment)}
    neck = any(isinstance(term, Word) and term.slot == "neckline" for term in found.terms)
    return neck or (main.kind == "dress" and kinds == {"skirt"})


def _foreign(scan: Scan, main: Head | None) -> set[int]:
    """Return the tokens that speak of other things than the main garment."""
    heads = _heads(scan)
    starts = [0, *(_region_start(scan, before, head) for before, head in pairwise(heads))]
    foreign: set[int] = set()
    for head, start, until in zip(heads, starts, [*starts[1:], len(scan.tokens)], strict=False):
        if not main or head.start == main.start or (head.kind and head.kind == main.kind):
            continue
        after = range(head.end, until)
        end = next((i for i in after if scan.tokens[i] in STOPS), until)
        begin = start if head is not heads[0] else _region_start(scan, None, head)
        foreign.update(range(begin, end))
    return foreign


def _region_start(scan: Scan, before: Head | None, head: Head) -> int:
    """Return where the words about `head` begin: after the last boundary before it."""
    colours = [found for found in scan.found if found.colour]
    ends, starts = {found.end for found in colours}, {found.start for found in colours}
    first = before.end if before else 0
    for i in range(head.start - 1, first - 1, -1):
        joins_colours = scan.tokens[i] in ("and", "&") and i in ends and i + 1 in starts
        if scan.tokens[i] in _BOUNDARIES and not joins_colours:
            return i
    return first
