"""Reading a garment specification out of a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from pipeline.fashion.colouring import colours_of, is_motif
from pipeline.fashion.depicting import depicted
from pipeline.fashion.lexicon_cloth import FLOWERS
from pipeline.fashion.ownership import Head, main_head, own
from pipeline.fashion.placing import placing
from pipeline.fashion.scanning import STOPS, Found, Scan, by_slot, negated_at, scan, stem, stems_of
from pipeline.fashion.terms import Garment, Word, words
from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecDetail, SpecSource, SpecText

SAID = 0.9
AMBIGUOUS = 0.7
IMPLIED = 0.6

_FIELDS = ("fabric", "pattern", "silhouette", "aesthetic")
_SEVERAL = ("finish", "feature")
_UNSURE = words("vest top cap jersey check lace mac rock fun crew cord patent straw")
# What the absence of a thing is called: "no sleeves".
_ABSENT = {
    "sleeve": ("sleeve", "sleeveless"),
    "collar": ("collar", "collarless"),
    "print": ("pattern", "solid"),
    "pattern": ("pattern", "solid"),
}

_NO_MOTIF = words(
    "a an the with in and of or all over bold small large big tiny bright allover subtle digital "
    "screen placement no without fun statement & plus has front back foil block hand"
)

_DENIM = ("denim", "wash")
"""How the names of denim's colours end; they say the cloth too."""

Says = dict[str, tuple[str, float]]


# Several stages of a run read the same words.
@lru_cache(maxsize=64)
def spec_from_text(text: str) -> GarmentSpec:
    """Return what a sentence says of its garment; what it doesn't say is NOT_VISIBLE.

    Where several garments are named, the first is meant and the words about others are left out.
    """
    found = scan(text)
    main = main_head(found)
    ours = own(found, main)
    says: Says = {}
    placed = placing(found, ours)
    shown = depicted(found, ours, placed)
    placed = replace(placed, taken=placed.taken.union(*(one.colours for one in shown)))
    whole = [one for one in ours if one.start not in placed.taken]
    garment = _garment(found, main, says)
    _add_said(whole, found, says)
    for one in shown:
        _add(says, "feature", one.words, SAID)
    if placed.else_plain:
        _add(says, "pattern", "solid", SAID)
    _add_absent(ours, found, says)
    _add_motif(whole, found, says)
    _add_named_print(whole, found, says)
    _add_implied(garment, whole, says)
    _add_bare_length(found, main, says)
    _correct_longsleeve(says)
    if placed.without:
        says["without"] = ", ".join(placed.without), SAID
        if "hood" in placed.without and says.get("collar", ("", 0))[0] == "hood":
            del says["collar"]
    if placed.placements:
        says["accents"] = ", ".join(one.phrase for one in placed.placements), SAID
    names = (name for name in says if name not in (*_FIELDS, "garment"))
    return GarmentSpec(
        garment_type=_text(says, "garment"),
        colors=colours_of(found, ours, placed),
        details=tuple(SpecDetail(name, *says[name], SpecSource.INFERRED) for name in names),
        fabric=_text(says, "fabric"),
        pattern=_text(says, "pattern"),
        silhouette=_text(says, "silhouette"),
        aesthetic=_text(says, "aesthetic"),
    )


def _text(says: Says, slot: str) -> SpecText:
    return SpecText(*says[slot], SpecSource.INFERRED) if slot in says else NOT_VISIBLE


def _garment(scan: Scan, main: Head | None, says: Says) -> Garment | None:
    if not main:
        return None
    *before, last = main.garments
    spoken = scan.tokens[main.start : main.end]
    confidence = AMBIGUOUS if len(spoken) == 1 and stem(spoken[0]) in _UNSURE else SAID
    if last.kind:
        says["garment"] = last.kind, confidence
    if last.fine:
        says["subtype"] = last.name, confidence
    elif before:
        says["subtype"] = f"{before[0].name} {last.name}", confidence
    return last


def _add_said(ours: Sequence[Found], scan: Scan, says: Says) -> None:
    for found in ours:
        for term in found.terms:
            if not isinstance(term, Word) or found.negated:
                continue
            unsure = found.end - found.start == 1 and scan.tokens[found.start] in _UNSURE
            _add(says, term.slot, term.value, AMBIGUOUS if unsure else SAID)


def _add(says: Says, slot: str, value: str, confidence: float) -> None:
    """Keep the first value of a slot; those that may be several are joined."""
    if slot not in says:
        says[slot] = value, confidence
    elif slot in _SEVERAL and value not in says[slot][0].split(", "):
        says[slot] = f"{says[slot][0]}, {value}", min(says[slot][1], confidence)


def _add_absent(ours: Sequence[Found], scan: Scan, says: Says) -> None:
    taken = {found.start for found in scan.found} - {found.start for found in ours}
    for at, token in enumerate(scan.tokens):
        absent = _ABSENT.get(stem(token))
        if absent and at not in taken and negated_at(scan.tokens, at):
            says[absent[0]] = absent[1], SAID


def _add_motif(ours: Iterable[Found], scan: Scan, says: Says) -> None:
    for found in ours:
        if found.colour and not found.negated and is_motif(found, scan):
            flower = found.colour in FLOWERS
            says["pattern"] = "floral" if flower else "print", SAID
            says["print"] = found.colour, SAID


def _add_named_print(ours: Iterable[Found], scan: Scan, says: Says) -> None:
    """Keep what a print is of where the lexicon has no word for it: "dinosaur print"."""
    covered = {i for found in scan.found for i in range(found.start, found.end)}
    for found in ours:
        prints = any(isinstance(t, Word) and t.value in ("print", "graphic") for t in found.terms)
        before = scan.tokens[found.start - 1 : found.start] if prints and not found.negated else ()
        if before and found.start - 1 not in covered and not {*before} & (_NO_MOTIF | STOPS):
            says.setdefault("print", (before[0], AMBIGUOUS))


def _add_implied(garment: Garment | None, ours: Iterable[Found], says: Says) -> None:
    terms: list[Garment | Word] = [
        term for found in ours if not found.negated for term in found.terms
    ]
    if any((found.colour or "").endswith(_DENIM) and not found.negated for found in ours):
        says.setdefault("fabric", ("denim", SAID))
    for term in (*terms, *([garment] if garment else [])):
        for slot, value in term.implies:
            if slot == "pattern" and isinstance(term, Word):
                says["pattern"] = value, SAID
            else:
                says.setdefault(slot, (value, IMPLIED))


def _add_bare_length(scan: Scan, main: Head | None, says: Says) -> None:
    """Read "long" or "short" before a dress, a skirt or a coat as its length."""
    if not main or ("length" in says and says["length"][1] >= SAID):
        return
    covered = {i for found in scan.found for i in range(found.start, found.end)}
    before = {scan.tokens[i] for i in range(main.start) if i not in covered}
    lengths = {"dress": ("mini", "maxi"), "skirt": ("mini", "maxi"), "outwear": ("hip", "longline")}
    short, long = lengths.get(main.kind, (None, None))
    value = short if "short" in before else long if "long" in before else None
    if value:
        says["length"] = value, AMBIGUOUS


def _correct_longsleeve(says: Says) -> None:
    """A t-shirt with long sleeves is of the type longsleeve."""
    kind, sleeve = says.get("garment"), says.get("sleeve")
    if kind and sleeve and kind[0] == "t-shirt" and sleeve == ("long", SAID):
        says["garment"] = "longsleeve", kind[1]
        says.setdefault("subtype", ("long-sleeve t-shirt", kind[1]))


def style_only(text: str) -> bool:
    """Whether a text says nothing about the garment itself: no cloth, colour, cut or detail."""
    return all(
        isinstance(term, Word) and term.slot == "aesthetic"
        for found in scan(text).found
        for term in (found.terms or (None,))
    )


def canonical(slot: str, text: str) -> str:
    """Return the lexicon's value where the whole text is one of its phrases, else the text."""
    return by_slot().get((slot, stems_of(text)), text.strip())
