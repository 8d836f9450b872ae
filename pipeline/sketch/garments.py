"""Which family draws which garment type."""

from pipeline.fashion.parts import Part
from pipeline.sketch.accessories import accessory
from pipeline.sketch.chance import Chance
from pipeline.sketch.dresses import dress
from pipeline.sketch.flat import Flat, part_of
from pipeline.sketch.hats import hat
from pipeline.sketch.jumpsuits import JUMPSUITS, jumpsuit
from pipeline.sketch.outerwear import outerwear
from pipeline.sketch.shoes import shoes
from pipeline.sketch.skirts import skirt
from pipeline.sketch.tops import top
from pipeline.sketch.traits import Traits
from pipeline.sketch.trousers import trousers

_BELONGS = {Part.CHEST_POCKET: Part.POCKET, Part.LOOP: Part.WAISTBAND}


def views(traits: Traits, chance: Chance) -> list[Flat]:
    """Return the front, and the back where a garment has one worth showing."""
    drawn = _views(traits, chance)
    absent = {part for part, whole in _BELONGS.items() if whole in traits.without} | traits.without
    return [tuple(i for i in flat if part_of(i) not in absent) for flat in drawn]


def _views(traits: Traits, chance: Chance) -> list[Flat]:
    match traits.kind:
        case "hat":
            return [hat(traits, chance)]
        case "shoes":
            return [shoes(traits, chance)]
        case "accessory":
            return [accessory(traits, chance)]
        case "outwear":
            family = outerwear
        case "dress":
            family = dress
        case "skirt":
            family = skirt
        case "pants" | "shorts":
            family = jumpsuit if traits.cut in JUMPSUITS else trousers
        case _:
            family = top
    return [family(traits, chance, back=back) for back in (False, True)]
