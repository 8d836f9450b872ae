"""Reading a garment's colours out of a sentence."""

from collections.abc import Sequence

from pipeline.fashion.colours import hex_of, name_of, spelt
from pipeline.fashion.lexicon_cloth import FLOWERS, FRUITS
from pipeline.fashion.ownership import Head
from pipeline.fashion.scanning import Found, Scan, stem
from pipeline.fashion.shares import shared
from pipeline.fashion.terms import Garment, Word, words
from pipeline.spec import ColorRole, SpecColor, SpecSource

SURE, UNSURE = 0.9, 0.7
MOST = 4

_ALSO_THINGS = words("gold silver copper bronze pearl champagne wine honey coffee rose")
_TRIMS = words(
    "button zip zipper hardware trim piping stitching stitch topstitching collar cuff "
    "belt laces sole buckle lining embroidery detail detailing accent thread binding logo "
    "lettering pocket lapel ribbon bow edging hem waistband strap sash"
)
_FIGURES = words("stripe dot spot check flower print motif graphic polka")
_MOTIF_NOUNS = words("print printed pattern patterned motif embroidery applique")


def colours_of(scan: Scan, ours: Sequence[Found], main: Head | None) -> tuple[SpecColor, ...]:
    """Return the garment's colours, largest share first, colours of trims last as accents."""
    said = [found for found in _said(ours) if not is_motif(found, scan)]
    trims_at = trims_of(scan, main)
    accents = [found for found in said if trim_after(found, scan, trims_at)]
    others = [found for found in said if not trim_after(found, scan, trims_at)]
    figures_last = sorted(others, key=lambda found: _depth(found, scan))
    body = _distinct(figures_last)[:MOST]
    trims = [name for name in _distinct(accents) if name not in body][:2]
    roles = [ColorRole.PRIMARY, *[ColorRole.SECONDARY] * MOST][: len(body)]
    roles += [ColorRole.ACCENT] * len(trims)
    named = zip([*body, *trims], roles, shared(roles, [None] * len(roles)), strict=True)
    return tuple(_colour(name, role, share) for name, role, share in named)


def accents_of(scan: Scan, ours: Sequence[Found], main: Head | None) -> str:
    """Return which trims have a colour of their own: "gold buttons, white collar"."""
    trims_at = trims_of(scan, main)
    trims = ((found.colour or "", trim_after(found, scan, trims_at)) for found in _said(ours))
    return ", ".join(dict.fromkeys(f"{spelt(name)} {trim}" for name, trim in trims if trim))


def _said(ours: Sequence[Found]) -> list[Found]:
    """Return the colours, without what only says of a colour what it is of: "black pearl"."""
    said = [found for found in ours if found.colour and not found.negated]
    ends = {found.end for found in said}
    return [f for f in said if f.start not in ends or f.colour not in _ALSO_THINGS]


def _depth(found: Found, scan: Scan) -> int:
    """Return -1 for the ground that figures lie on: "red dots on navy", and 1 for the figures."""
    if _next_to(_last_of_list(found, scan), scan, _FIGURES):
        return 1
    on = found.start - 1
    while on > 0 and scan.tokens[on] in ("a", "an", "the"):
        on -= 1
    laid = {other.end for other in scan.found if other.colour or _is_pattern(other)}
    figure = on in laid or stem("".join(scan.tokens[max(on - 1, 0) : on])) in _FIGURES
    return -1 if scan.tokens[on] == "on" and figure else 0


def _last_of_list(found: Found, scan: Scan) -> Found:
    """Return the last colour of "red, white and green"."""
    starts = {other.start: other for other in scan.found if other.colour}
    at = found.end
    while at < len(scan.tokens) and scan.tokens[at] in ("and", ",", "&"):
        at += 1
    return _last_of_list(starts[at], scan) if at > found.end and at in starts else found


def _is_pattern(found: Found) -> bool:
    return any(isinstance(term, Word) and term.slot in ("pattern", "print") for term in found.terms)


def is_motif(found: Found, scan: Scan) -> bool:
    """Whether a colour's name means the fruit or the flower: "lemon print"."""
    return found.colour in (*FLOWERS, *FRUITS) and _next_to(found, scan, _MOTIF_NOUNS)


def _next_to(found: Found, scan: Scan, nouns: frozenset[str]) -> bool:
    return stem("".join(scan.tokens[found.end : found.end + 1])) in nouns


def trims_of(scan: Scan, main: Head | None) -> dict[int, bool]:
    """Return by token whether it is a trim of its own; a garment's noun ends the search."""
    trims = {i: True for i, token in enumerate(scan.tokens) if stem(token) in _TRIMS}
    for found in scan.found:
        if found.end - found.start > 1:
            trims |= dict.fromkeys(range(found.start, found.end), False)
        if any(isinstance(term, Garment) for term in found.terms):
            trims |= {found.start: False}
    if main and trims.get(main.start - 1):
        trims[main.start - 1] = False
    return trims


def trim_after(found: Found, scan: Scan, trims_at: dict[int, bool]) -> str | None:
    """Return the trim that follows within two words: of "gold metal buttons", not "zip hoodie"."""
    for i in range(found.end, min(found.end + 3, len(scan.tokens))):
        if scan.tokens[i] in ("and", "with", "in", "on", ",", "."):
            return None
        if i in trims_at:
            return scan.tokens[i] if trims_at[i] else None
    return None


def _distinct(found: Sequence[Found]) -> list[str]:
    by_hex = {hex_of(f.colour): f.colour for f in reversed(found) if f.colour}
    return list(dict.fromkeys(by_hex[hex_of(f.colour)] for f in found if f.colour))


def _colour(name: str, role: ColorRole, share: float) -> SpecColor:
    confidence = UNSURE if name in _ALSO_THINGS else SURE
    hex_ = hex_of(name) or ""
    shown = name_of(hex_) if name.startswith("#") else spelt(name)
    return SpecColor(shown, hex_, role, share, confidence, SpecSource.INFERRED)
