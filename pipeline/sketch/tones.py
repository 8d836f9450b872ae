"""The colours a drawing is inked in, from those of the spec."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.fashion.colours import delta_e, lab_of
from pipeline.fashion.telling import placements_of
from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import says
from pipeline.sketch.flat import Cloth
from pipeline.sketch.traits import Fabric
from pipeline.spec import ColorRole, GarmentSpec, SpecColor

GREIGE = "#b8ada0"
"""The cloth of a garment whose colour nobody knows."""

_INK = "#1c1b1f"
_METAL = "#b9b6b0"
_OFF_WHITE = "#f4f0e7"
_PAPERS = ("#f3f0ea", "#e3e8ed", "#ece3d6", "#d3dae2", "#d8d1c6", "#c3cbd3", "#b9b4ad")
_USUAL = {
    Fabric.DENIM.value: ("#4a688f",),
    "leopard|cheetah|animal print": ("#c59d6f", "#2b2019"),
    "zebra": ("#f7f4ec", "#16161a"),
    "tiger": ("#d9822b", "#16161a"),
    "camouflage": ("#6e6e39", "#412b20", "#b0a079"),
    "snakeskin": ("#cbbd9f", "#4a4238"),
    "straw": ("#d8bf8c",),
    "shearling": ("#d9c3a0",),
}
"""The usual colours of a cloth or a print."""

_SEEN = 0.04
_MOST = 5
_STANDS_OUT = 7.8


@dataclass(frozen=True, slots=True)
class Tones:
    """Hex colours; `others` are the spec's further colours, widest first.

    `named` are all of them by the names that the spec gives them.
    """

    main: str
    others: tuple[str, ...]
    paper: str
    named: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def dark(self) -> bool:
        return lab_of(self.main)[0] < 34

    @property
    def second(self) -> str:
        """A colour that goes with the main one: the spec's own, else a derived one."""
        return self.others[0] if self.others else contrast(self.main)

    @property
    def outline(self) -> str:
        return _INK

    @property
    def line(self) -> str:
        """Seams and folds: darker than the cloth, or lighter on dark cloth."""
        return mixed(self.main, "#ffffff", 0.36) if self.dark else mixed(self.main, _INK, 0.62)

    @property
    def thread(self) -> str:
        """What shows of a cloth's surface: nearer to the cloth than a seam is."""
        return mixed(self.main, "#ffffff", 0.24) if self.dark else mixed(self.main, _INK, 0.3)

    def of(self, cloth: Cloth, *, patterned: bool) -> str:
        trim = self.main if patterned else self.others[0] if self.others else self.main
        button = self.others[-1] if self.others else mixed(self.main, contrast(self.main), 0.55)
        return {
            Cloth.TRIM: trim,
            Cloth.LINING: self._near(0.16, 0.3),
            Cloth.SOLE: self.main if patterned else self.second,
            Cloth.HEEL: trim if self.others or patterned else self._near(0.2, 0.5),
            Cloth.METAL: _METAL,
            Cloth.BUTTON: button,
        }.get(cloth, self.main)

    def _near(self, lighter: float, darker: float) -> str:
        """Return a shade of the main colour, on the side where it has room."""
        return mixed(self.main, "#ffffff" if self.dark else _INK, lighter if self.dark else darker)


def tones_of(spec: GarmentSpec, chance: Chance) -> Tones:
    """Pick the colours of the cloth, and a paper on which they stand out."""
    main, others = cloths_of(spec)
    named = {colour.name: colour.hex.lower() for colour in spec.colors}
    placed = {named.get(name, "") for one in placements_of(spec) for name in one.colours}
    body = {colour.hex.lower() for colour in spec.colors if colour.role is not ColorRole.ACCENT}
    # A pattern is made of the body's colours; a plain body has no other place for a part's.
    kept = body if spec.pattern.value not in (None, "solid") else {main}
    cloths = tuple(hex_ for hex_ in others if hex_ not in placed - kept)
    return Tones(main, cloths, _paper((main, *others), chance), named)


def cloths_of(spec: GarmentSpec) -> tuple[str, tuple[str, ...]]:
    """Return the primary colour, and the others that a viewer would notice, widest first."""
    ordered = sorted(spec.colors, key=_rank)
    seen = [c.hex.lower() for c in ordered if c.share >= _SEEN or c.share == 0]
    if all(colour.role is ColorRole.ACCENT for colour in ordered):
        main, figures = _undyed(spec)
        hexes = (*figures, *seen)
    else:
        main, hexes = ordered[0].hex.lower(), tuple(seen)
    return main, tuple(dict.fromkeys(hex_ for hex_ in hexes if hex_ != main))[:_MOST]


def _undyed(spec: GarmentSpec) -> tuple[str, tuple[str, ...]]:
    """Return what a cloth or a print looks like that nobody named a colour for."""
    told = f"{spec.fabric.value or ''} {spec.detail('print') or ''}"
    main, *figures = next((dyes for words, dyes in _USUAL.items() if says(told, words)), (GREIGE,))
    return main, tuple(figures)


def _rank(colour: SpecColor) -> tuple[bool, float]:
    return colour.role is not ColorRole.PRIMARY, -colour.share


def contrast(main: str) -> str:
    """Return the second tone of a garment with one colour: off-white, or darker on a light one."""
    return _OFF_WHITE if lab_of(main)[0] < 66 else mixed(main, _INK, 0.58)


def mixed(first: str, second: str, part: float) -> str:
    """Return `first` with `part` (0..1) of `second` in it."""
    channels = (
        round(int(first[i : i + 2], 16) * (1 - part) + int(second[i : i + 2], 16) * part)
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{c:02x}" for c in channels)


def _paper(cloths: tuple[str, ...], chance: Chance) -> str:
    """Return one of the papers that every colour stands out from, else the best there is."""

    def distance(paper: str) -> float:
        return min(delta_e(paper, cloth) for cloth in cloths)

    fitting = [paper for paper in _PAPERS if distance(paper) >= _STANDS_OUT]
    return chance.pick(fitting[:3], "paper") if fitting else max(_PAPERS, key=distance)
