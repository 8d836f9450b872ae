"""Reading a garment's colours out of a sentence."""

from collections.abc import Sequence

from pipeline.fashion.colours import hex_of, name_of, spelt
from pipeline.fashion.lexicon_cloth import FLOWERS, FRUITS
from pipeline.fashion.parts import Part
from pipeline.fashion.placing import ALSO_THINGS, Placing, without_likenesses
from pipeline.fashion.scanning import STOPS, Found, Scan, stem
from pipeline.fashion.shares import shared
from pipeline.fashion.terms import Word, words
from pipeline.spec import ColorRole, SpecColor, SpecSource

SURE, UNSURE = 0.9, 0.7
MOST = 4
MOST_ACCENTS = 3

_FIGURES = words("stripe dot spot check flower print motif graphic polka")
_HALVES = (Part.BODICE, Part.SKIRT)
_MOTIF_NOUNS = words("print printed pattern patterned motif embroidery applique")


def colours_of(scan: Scan, ours: Sequence[Found], placed: Placing) -> tuple[SpecColor, ...]:
    """Return the garment's colours, largest share first, colours of its parts last as accents."""
    said = [found for found in _said(ours) if not is_motif(found, scan)]
    others = [found for found in said if found.start not in placed.taken]
    figures_last = sorted(others, key=lambda found: _depth(found, scan))
    body = (_distinct(figures_last) or _halves(placed))[:MOST]
    told = dict.fromkeys(name for one in placed.placements for name in one.colours)
    trims = [name for name in told if name not in map(spelt, body)][:MOST_ACCENTS]
    ground = any(not _recolours(found, scan) for found in figures_last)
    first = ColorRole.PRIMARY if ground or not figures_last else ColorRole.SECONDARY
    roles = [first, *[ColorRole.SECONDARY] * MOST][: len(body)]
    roles += [ColorRole.ACCENT] * len(trims)
    named = zip([*body, *trims], roles, shared(roles, [None] * len(roles)), strict=True)
    return tuple(_colour(name, role, share) for name, role, share in named)


def _halves(placed: Placing) -> list[str]:
    """Return the colours of a garment that has one above and another below, and no third."""
    halves = {one.part: one.colours for one in placed.placements if one.part in _HALVES}
    return [name for part in _HALVES for name in halves[part]] if len(halves) == 2 else []


def _said(ours: Sequence[Found]) -> list[Found]:
    return [found for found in without_likenesses(ours) if found.colour and not found.negated]


def _depth(found: Found, scan: Scan) -> int:
    """Return -1 for the ground that figures lie on: "red dots on navy", and 1 for the figures."""
    if _next_to(_last_of_list(found, scan), scan, _FIGURES):
        return 1
    on = found.start - 1
    while on > 0 and scan.tokens[on] in ("a", "an", "the"):
        on -= 1
    if scan.tokens[on] != "on":
        return 0
    laid = {other.end for other in scan.found if other.colour or _is_pattern(other)}
    figure = on in laid or stem("".join(scan.tokens[max(on - 1, 0) : on])) in _FIGURES
    return -1 if figure else 0


def _recolours(found: Found, scan: Scan) -> bool:
    """Whether it is said of figures that are there already: "make the stripes red"."""
    tokens, at = scan.tokens, found.start - 1
    at -= at > 0 and tokens[at] in ("to", "into", "are")
    named = at > 0 and stem(tokens[at]) in _FIGURES and tokens[at - 1] == "the"
    return named and (found.end == len(tokens) or tokens[found.end] in STOPS)


def _last_of_list(found: Found, scan: Scan) -> Found:
    """Return the last colour of "red, white and green"."""
    starts = {other.start: other for other in scan.found if other.colour}
    while True:
        at = found.end
        while at < len(scan.tokens) and scan.tokens[at] in ("and", ",", "&"):
            at += 1
        if at == found.end or at not in starts:
            return found
        found = starts[at]


def _is_pattern(found: Found) -> bool:
    return any(isinstance(term, Word) and term.slot in ("pattern", "print") for term in found.terms)


def is_motif(found: Found, scan: Scan) -> bool:
    """Whether a colour's name means the fruit or the flower: "lemon print"."""
    return found.colour in (*FLOWERS, *FRUITS) and _next_to(found, scan, _MOTIF_NOUNS)


def _next_to(found: Found, scan: Scan, nouns: frozenset[str]) -> bool:
    return stem("".join(scan.tokens[found.end : found.end + 1])) in nouns


def _distinct(found: Sequence[Found]) -> list[str]:
    by_hex = {hex_of(f.colour): f.colour for f in reversed(found) if f.colour}
    return list(dict.fromkeys(by_hex[hex_of(f.colour)] for f in found if f.colour))


def _colour(name: str, role: ColorRole, share: float) -> SpecColor:
    confidence = UNSURE if name in ALSO_THINGS else SURE
    hex_ = hex_of(name) or ""
    shown = name_of(hex_) if name.startswith("#") else spelt(name)
    return SpecColor(shown, hex_, role, share, confidence, SpecSource.INFERRED)
