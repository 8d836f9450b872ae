"""What a specification says of the parts of its garment."""

from pipeline.fashion.parts import part_named
from pipeline.fashion.placing import Placement, read_placements
from pipeline.fashion.scanning import stems_of
from pipeline.spec import GarmentSpec, SpecDetail


def placements_of(spec: GarmentSpec) -> tuple[Placement, ...]:
    """Return the parts that are made otherwise than the rest of the garment.

    A detail that is named for a part counts too: {"collar": "navy corduroy"}.
    """
    told = (_told(detail) for detail in spec.details if _of_part(detail))
    return read_placements(", ".join((spec.detail("accents") or "", *told)))


def only_placed(detail: SpecDetail) -> bool:
    """Whether a detail says nothing but what its part is made in: {"hem": "lace"}."""
    if not _of_part(detail):
        return False
    placed = {word for one in read_placements(_told(detail)) for word in stems_of(one.phrase)}
    return {*stems_of(detail.value or "")} - {"and"} <= placed


def placed_colours(spec: GarmentSpec) -> frozenset[str]:
    """Return the names of the colours that details say of a part: {"buttons": "navy"}."""
    placed = (read_placements(_told(detail)) for detail in spec.details if _of_part(detail))
    return frozenset(name for found in placed for one in found for name in one.colours)


def _of_part(detail: SpecDetail) -> bool:
    return bool(detail.value) and detail.name != "accents" and part_named(detail.name) is not None


def _told(detail: SpecDetail) -> str:
    return f"{detail.value} {detail.name}"
