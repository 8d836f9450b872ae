"""Reading a garment's colours out of a sentence."""

from collections.abc import Sequence

from pipeline.fashion.colours import hex_of, name_of, spelt
from pipeline.fashion.lexicon_cloth import FLOWERS, FRUITS
from pipeline.fashion.ownership import Head
from pipeline.fashion.scanning import Found, Scan, stem
from pipeline.fashion.shares import shared
from pipeline.fashion.terms import Garment, words
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
    said = [found for found in ours if found.colour and not found.negated]
    said = [found for found in said if not is_motif(found, scan)]
    trims_at = _trims_at(scan, main)
    accents = [found for found in said if _of_trim(found, scan, trims_at)]
    others = [found for found in said if not _of_trim(found, scan, trims_at)]
    figures_last = sorted(others, key=lambda found: _next_to(found, scan, _FIGURES))
    body = _distinct(figures_last)[:MOST]
    trims = [name for name in _distinct(accents) if name not in body][:2]
    roles = [ColorRole.PRIMARY, *[ColorRole.SECONDARY] * MOST][: len(body)]
    roles += [ColorRole.ACCENT] * len(trims)
    named = zip([*body, *trims], roles, shared(roles, [None] * len(roles)), strict=True)
    return tuple(_colour(name, role, share) for name, role, share in named)


def is_motif(found: Found, scan: Scan) -> bool:
    """Whether a colour's name means the fruit or the flower: "lemon print"."""
    return found.colour in (*FLOWERS, *FRUITS) and _next_to(found, scan, _MOTIF_NOUNS)


def _next_to(found: Found, scan: Scan, nouns: frozenset[str]) -> bool:
    return stem("".join(scan.tokens[found.end : found.end + 1])) in nouns


def _trims_at(scan: Scan, main: Head | None) -> dict[int, bool]:
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


def _of_trim(found: Found, scan: Scan, trims_at: dict[int, bool]) -> bool:
    """Whether a trim follows within two words: "gold metal buttons", but not "zip hoodie"."""
    for i in range(found.end, min(found.end + 3, len(scan.tokens))):
        if scan.tokens[i] in ("and", "with", "in", "on", ",", "."):
            return False
        if i in trims_at:
            return trims_at[i]
    return False


def _distinct(found: Sequence[Found]) -> list[str]:
    by_hex = {hex_of(f.colour): f.colour for f in reversed(found) if f.colour}
    return list(dict.fromkeys(by_hex[hex_of(f.colour)] for f in found if f.colour))


def _colour(name: str, role: ColorRole, share: float) -> SpecColor:
    confidence = UNSURE if name in _ALSO_THINGS else SURE
    hex_ = hex_of(name) or ""
    shown = name_of(hex_) if name.startswith("#") else spelt(name)
    return SpecColor(shown, hex_, role, share, confidence, SpecSource.INFERRED)
