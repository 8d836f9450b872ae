"""What is said of one part of a garment only: "stripes on the sleeves", "corduroy collar"."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.fashion.colours import spelt
from pipeline.fashion.parts import CLOTHS, Part, Spot, spots
from pipeline.fashion.scanning import STOPS, Found, Scan, negated_at, scan, stem
from pipeline.fashion.terms import Garment, Word, words

ALSO_THINGS = words("gold silver copper bronze pearl champagne wine honey coffee rose")

_KINDS = ("fabric", "pattern", "print", "finish")
_CONTRAST = words("contrast contrasting contrasted")
_AND = words("and &")
_ON = words("on at along around round down across over to through")
_OF = words("in of from")
_ARE = words("is are")
_INTO = words("to into")
_MAKING = words("make turn keep change want dye leave paint give recolour recolor")
_BEARING = words("with in by")
_ONLY = words("only just solely")
_DETERMINERS = words("a an the its his her their my both each all one two left right only")
_OPENERS = words("with a an the its and has plus")
_CARRIERS = words("trim detail detailing panel insert edging accent band")
_NOT_LEFT_OUT = frozenset({Part.BODY, Part.SLEEVE, Part.COLLAR, Part.BACK, Part.SIDE, Part.OTHER})
_GAP = 1
"""How many words nobody knows may stand before the part: "gold metal buttons"."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A colour, a cloth, a pattern or a finish at tokens start..end."""

    start: int
    end: int
    kind: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """A part, the word it was named by, and what it is made in; `colours` are names."""

    part: Part
    written: str
    colours: tuple[str, ...] = ()
    contrast: bool = False
    said: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def phrase(self) -> str:
        """The words for it, such as "navy corduroy collar"."""
        said = (value for kind, value in self.said.items() if kind != "pattern" or not self.print)
        contrast = "contrast" if self.contrast else ""
        words = (contrast, " and ".join(self.colours), *said, self.written)
        return " ".join(word for word in words if word)

    @property
    def print(self) -> str:
        """The finer word for its pattern."""
        return self.said.get("print", "")


@dataclass(frozen=True, slots=True)
class Placing:
    """The placements of a sentence; `taken` are the first tokens of what they use up.

    `without` are the parts that it says are not there; `else_plain` is whether a pattern is said
    to be on a part only.
    """

    placements: tuple[Placement, ...]
    taken: frozenset[int]
    without: tuple[str, ...] = ()
    else_plain: bool = False


def placing(text: Scan, ours: Sequence[Found]) -> Placing:
    """Return which parts have attributes of their own; what is said of the body is left out."""
    named = spots(text)
    long = [s for s in named.values() if s.end - s.start > 1 and not s.shaped]
    inside = {i for s in long for i in range(s.start, s.end)}
    every = _attributes(text, ours)
    given = [a for a in every if a.start not in inside]
    sentence = _Sentence(text, {a.start: a for a in given}, named)
    bound = {a: spot for a in given if (spot := sentence.part_of(a))}
    for attribute in given:
        if attribute in bound:
            continue
        spot = sentence.part_behind(attribute, bound) or sentence.part_again(attribute, bound)
        if spot:
            bound[attribute] = spot
    placed = {a: spot for a, spot in bound.items() if _apart(a, spot)}
    by_spot: dict[Spot, list[Attribute]] = {}
    for attribute, spot in placed.items():
        for one in sentence.listed(spot):
            by_spot.setdefault(one, []).append(attribute)
    found = [_placement(spot, attributes) for spot, attributes in by_spot.items()]
    kept = tuple(p for p in found if p.colours or p.contrast or p.said)
    used = {spot.start for spot in (*bound.values(), *by_spot)}
    absent = (s for s in sentence.spots.values() if s.start not in used and _absent(text, s))
    without = dict.fromkeys(spot.written for spot in absent if spot.part not in _NOT_LEFT_OUT)
    there = {(a.kind, a.value) for a, spot in placed.items() if sentence.only(spot)}
    patterned = {pair for pair in there if pair[0] in ("pattern", "print")}
    taken = inside.union(
        (a.start for a in placed),
        (s.start for s in by_spot if s.start in sentence.attributes),
        (a.start for a in given if a not in bound and (a.kind, a.value) in patterned),
    )
    plain = any(value != "solid" for _, value in patterned)
    return Placing(kept, frozenset(taken), tuple(without), else_plain=plain)


@lru_cache(maxsize=512)
def read_placements(text: str) -> tuple[Placement, ...]:
    """Read what `Placement.phrase` wrote, joined by commas."""
    scans = [scan(phrase) for phrase in text.split(",")]
    return tuple(p for one in scans for p in placing(one, one.found).placements)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: Scan
    attributes: Mapping[int, Attribute]
    spots: Mapping[int, Spot]

    def part_of(self, attribute: Attribute) -> Spot | None:
        """Return the part that follows: of "navy corduroy collar", "stripes on the sleeves"."""
        tokens, at, gap = self.text.tokens, attribute.end, 0
        while at < len(tokens):
            if at in self.spots:
                return self._reached(attribute, self.spots[at])
            following = self.attributes.get(at)
            if following:
                at = following.end
            elif tokens[at] in _AND and at + 1 in self.attributes and self._opens(attribute):
                at += 1
            elif tokens[at] in _ON:
                return self._behind(at)
            elif gap == _GAP or self._ends(at):
                return None
            else:
                gap, at = gap + 1, at + 1
        return None

    def part_behind(self, attribute: Attribute, bound: Mapping[Attribute, Spot]) -> Spot | None:
        """Return the part before: of "sleeves in leather", "the collar is navy".

        After "in" only where the garment itself has such an attribute already.
        """
        before = self._ending_at(attribute.start)
        if before and before in bound:
            return bound[before] if bound[before].end <= before.start else None
        at = attribute.start - 1
        word = self.text.tokens[at] if at > 0 else ""
        spot = self._spot_to(at)
        if word in _BEARING and spot and spot.written.endswith("ed"):
            return (self._spot_to(spot.start) if spot.part is Part.TRIM else None) or spot
        if spot is None:
            again = self._ending_at(at) if word in _OF and attribute.kind == "colour" else None
            return bound.get(again) if again else self._opening(attribute)
        if word in _INTO:
            return self._opening(attribute)
        if word in _ARE:
            return spot
        others = [a for a in self.attributes.values() if a not in bound and a.end <= spot.start]
        said = any(other.kind == attribute.kind for other in others)
        told = attribute.kind == "colour" and spot in bound.values()
        told = told and (bool(others) or self._clothed(spot.start))
        return spot if (said or told) and word in _OF else None

    def part_again(self, attribute: Attribute, bound: Mapping[Attribute, Spot]) -> Spot | None:
        """Return the part that was said to be of this cloth: "with a fur hood, fur in cream"."""
        tokens, at = self.text.tokens, attribute.start - 1
        at -= tokens[at : at + 1] == ("the",)
        if attribute.kind == "colour" or at < 0 or tokens[at] not in STOPS:
            return None
        same = (
            spot
            for a, spot in bound.items()
            if (a.kind, a.value) == (attribute.kind, attribute.value) and a.end <= at
        )
        return next(same, None)

    def only(self, spot: Spot) -> bool:
        """Whether it is said of this part alone: "on the sleeves only"."""
        tokens = self.text.tokens
        before = spot.start - 1
        while before > 0 and tokens[before] in (_DETERMINERS | _ON) - {"only"}:
            before -= 1
        ends = [one.end for one in self.listed(spot)]
        after = any(tokens[end : end + 1] == ("only",) for end in ends)
        return after or tokens[max(before, 0)] in _ONLY

    def _opening(self, attribute: Attribute) -> Spot | None:
        """Return the part that opens a clause: of "body plain navy", "top half purple"."""
        tokens, end = self.text.tokens, attribute.start
        spot = self._spot_to(end - (tokens[end - 1] in _INTO if end else 0))
        before = spot.start - 1 if spot else -1
        while before >= 0 and tokens[before] in _DETERMINERS:
            before -= 1
        while end in self.attributes:
            end = self.attributes[end].end
        opens = before < 0 or tokens[before] in STOPS | _AND | _MAKING | {"with"}
        closes = end == len(tokens) or tokens[end] in STOPS | _AND
        return spot if opens and closes else None

    def _clothed(self, end: int) -> bool:
        """Whether a garment named before brings its cloth along: a "denim jacket"."""
        terms = (term for found in self.text.found if found.end <= end for term in found.terms)
        return any(slot == "fabric" for term in terms for slot, _ in term.implies)

    def _spot_to(self, end: int) -> Spot | None:
        return next((spot for spot in self.spots.values() if spot.end == end), None)

    def listed(self, spot: Spot) -> Iterator[Spot]:
        """Yield a part and those that share its attributes: "white collar and cuffs"."""
        yield spot
        tokens, at = self.text.tokens, spot.end
        while at < len(tokens) and tokens[at] in (*_AND, ","):
            at += 1 + (tokens[at + 1 : at + 2] == ("and",))
            at += tokens[at : at + 1] == ("the",)
            following = self.spots.get(at)
            if following is None or following.shaped:
                return
            yield following
            at = following.end

    def _reached(self, attribute: Attribute, spot: Spot) -> Spot | None:
        tokens = self.text.tokens
        if spot.part is Part.TRIM and spot.written.endswith("ed") and spot.end in self.spots:
            return self.spots[spot.end]
        if tokens[spot.end : spot.end + 1] and tokens[spot.end] in _ON:
            on = self._behind(spot.end)
            if on and stem(spot.written) in _CARRIERS:
                return on
        kinds = self._before_noun(spot)
        if kinds is None or attribute.kind in ("contrast", *kinds):
            return spot
        cloth = attribute.kind != "colour" and spot.part in CLOTHS and not spot.shaped
        return spot if cloth else None

    def _before_noun(self, spot: Spot) -> set[str] | None:
        """Return what stands between a part and the garment it qualifies, None for no garment."""
        at, kinds, gap = spot.end, set[str](), 0
        while at < len(self.text.tokens) and gap <= _GAP:
            if self._garment(at):
                return kinds
            following = self.attributes.get(at)
            if self._ends(at):
                return None
            gap += following is None
            kinds |= {following.kind} if following else set()
            at = following.end if following else at + 1
        return None

    def _behind(self, at: int) -> Spot | None:
        return self.spots.get(self._past_determiners(at + 1))

    def _past_determiners(self, at: int) -> int:
        while at < len(self.text.tokens) and self.text.tokens[at] in _DETERMINERS:
            at += 1
        return at

    def _ending_at(self, end: int) -> Attribute | None:
        return next((a for a in self.attributes.values() if a.end == end), None)

    def _opens(self, attribute: Attribute) -> bool:
        before = self.text.tokens[: attribute.start]
        return not before or before[-1] in _OPENERS

    def _ends(self, at: int) -> bool:
        word = self.text.tokens[at]
        return word in STOPS | _AND | _OF or word in ("with", "without") or self._garment(at)

    def _garment(self, at: int) -> bool:
        here = (found for found in self.text.found if found.start <= at < found.end)
        return any(isinstance(term, Garment) for found in here for term in found.terms)


def without_likenesses(ours: Sequence[Found]) -> list[Found]:
    """Leave out what only says of a colour what it is of: "black pearl"."""
    ends = {found.end for found in ours if found.colour and not found.negated}
    return [f for f in ours if f.start not in ends or f.colour not in ALSO_THINGS]


def _apart(attribute: Attribute, spot: Spot) -> bool:
    """Whether it makes the part differ: a dress with a pleated skirt is a pleated dress."""
    cut = spot.part is Part.SKIRT and attribute.kind == "finish"
    return spot.part is not Part.BODY and not cut


def _absent(text: Scan, spot: Spot) -> bool:
    return negated_at(text.tokens, spot.start)


def _attributes(text: Scan, ours: Sequence[Found]) -> list[Attribute]:
    found = [a for one in without_likenesses(ours) for a in _of_found(one)]
    covered = {i for one in text.found for i in range(one.start, one.end)}
    contrast = (
        Attribute(i, i + 1, "contrast", token)
        for i, token in enumerate(text.tokens)
        if token in _CONTRAST and i not in covered
    )
    return sorted((*found, *contrast), key=lambda a: a.start)


def _of_found(found: Found) -> Iterator[Attribute]:
    if found.colour:
        yield Attribute(found.start, found.end, "colour", spelt(found.colour), found.negated)
        return
    for term in found.terms:
        if isinstance(term, Word) and term.slot in _KINDS:
            yield Attribute(found.start, found.end, term.slot, term.value, found.negated)
            for slot, value in term.implies:
                if slot == "pattern":
                    yield Attribute(found.start, found.end, slot, value, found.negated)


def _placement(spot: Spot, attributes: Sequence[Attribute]) -> Placement:
    said: dict[str, str] = {}
    for one in attributes:
        if one.kind in ("pattern", "print") and one.negated:
            said["pattern"] = "solid"
        elif one.kind in _KINDS and not one.negated:
            said.setdefault(one.kind, one.value)
    colours = tuple(a.value for a in attributes if a.kind == "colour" and not a.negated)
    contrast = any(a.kind == "contrast" for a in attributes)
    return Placement(spot.part, spot.written, tuple(dict.fromkeys(colours)), contrast, said)
