"""The colours a drawing is inked in, from those of the spec."""

from dataclasses import dataclass

from pipeline.fashion.colours import delta_e, lab_of
from pipeline.sketch.flat import Cloth
from pipeline.spec import ColorRole, GarmentSpec, SpecColor

GREIGE = "#b8ada0"
"""The cloth of a garment whose colour nobody knows."""

_INK = "#1c1b1f"
_METAL = "#b9b6b0"
_OFF_WHITE = "#f4f0e7"
_PAPERS = ("#f3f0ea", "#e2e7ec", "#d6d0c6", "#c8d1da", "#ecdccb", "#b9b4ad")
_SEEN = 0.04


@dataclass(frozen=True, slots=True)
class Tones:
    """Hex colours; `others` are the spec's further colours, widest first."""

    main: str
    others: tuple[str, ...]
    paper: str

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

    def of(self, cloth: Cloth, *, patterned: bool) -> str:
        trim = self.main if patterned else self.others[0] if self.others else self.main
        button = self.others[-1] if self.others else mixed(self.main, contrast(self.main), 0.55)
        return {
            Cloth.TRIM: trim,
            Cloth.LINING: self._near(0.16, 0.3),
            Cloth.SOLE: self.second,
            Cloth.HEEL: self.others[0] if self.others else self._near(0.2, 0.5),
            Cloth.METAL: _METAL,
            Cloth.BUTTON: button,
        }.get(cloth, self.main)

    def _near(self, lighter: float, darker: float) -> str:
        """Return a shade of the main colour, on the side where it has room."""
        return mixed(self.main, "#ffffff" if self.dark else _INK, lighter if self.dark else darker)


def tones_of(spec: GarmentSpec) -> Tones:
    """Pick the colours: the primary first, then all that a viewer would notice."""
    ordered = sorted(spec.colors, key=_rank)
    if not ordered:
        return Tones(GREIGE, (), _paper((GREIGE,)))
    main = ordered[0].hex.lower()
    others = tuple(
        dict.fromkeys(
            c.hex.lower()
            for c in ordered[1:]
            if c.hex.lower() != main and (c.share >= _SEEN or c.share == 0)
        )
    )
    return Tones(main, others, _paper((main, *others)))


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


def _paper(cloths: tuple[str, ...]) -> str:
    """Return the first paper that the main colours stand out from, else the best there is."""

    def distance(paper: str) -> float:
        return min(delta_e(paper, cloth) for cloth in cloths)

    return next((p for p in _PAPERS if distance(p) >= 8.5), max(_PAPERS, key=distance))
