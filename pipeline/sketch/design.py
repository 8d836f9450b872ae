"""What a piece of cloth is printed with, and in which colours."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.fashion.parts import Part
from pipeline.sketch.chance import Chance
from pipeline.sketch.finishes import Finish, finish_of
from pipeline.sketch.textures import Texture
from pipeline.sketch.tones import Tones, contrast
from pipeline.sketch.traits import Stripes, Traits

Layer = tuple[str, str]
"""A hex colour and SVG path commands, in cm."""

_BANDS = frozenset({Part.CUFF, Part.COLLAR, Part.HEM, Part.WAISTBAND, Part.TRIM, Part.BELT})


@dataclass(frozen=True, slots=True)
class Design:
    """A pattern to be printed; `unit` is one hundredth of the garment's diagonal, in cm."""

    traits: Traits
    tones: Tones
    chance: Chance
    unit: float
    front: bool = True
    finishes: Mapping[Part, Finish] = field(default_factory=dict[Part, Finish])
    texture: Texture | None = None

    @property
    def colours(self) -> tuple[str, ...]:
        """What is laid on the main colour; never empty."""
        return self.tones.others or (contrast(self.tones.main),)

    def on(self, part: Part | None) -> "Design | None":
        """Return the design of a part that is made otherwise than the rest."""
        finish = finish_of(self.finishes, part)
        if finish is None:
            return None
        band = part in _BANDS
        stripes = Stripes.ACROSS if band else self.traits.stripes
        return replace(
            self,
            traits=replace(
                self.traits, pattern=finish.pattern, motif=finish.motif, stripes=stripes
            ),
            tones=replace(self.tones, main=finish.ground, others=finish.figures),
            unit=self.unit * (0.45 if band else 0.8),
            texture=finish.texture,
        )

    @property
    def scale(self) -> float:
        return self.unit * self.chance.between(0.88, 1.16, "scale")
