"""A garment photo read into a specification."""

from dataclasses import dataclass

from pipeline.fashion.colours import name_of
from pipeline.spec import (
    NOT_VISIBLE,
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)
from pipeline.vision import infer
from pipeline.vision.backbone import Backbone, Features
from pipeline.vision.frame import decode
from pipeline.vision.heads import Heads, Verdict
from pipeline.vision.mask import cut_out
from pipeline.vision.palette import Swatch, swatches
from pipeline.vision.views import SHAPE, SURFACE, views

LEAST_FAMILIARITY = 0.1
LEAST_PRESENCE = 0.5
LEAST_TYPE = 0.35
LEAST_SUBTYPE = 0.5
LEAST_PATTERN = 0.4
LEAST_FABRIC = 0.7
SECONDARY_SHARE = 0.18


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads photos, several at once if it must; the same bytes give the same specification."""

    backbone: Backbone
    heads: Heads

    @classmethod
    def load(cls, threads: int = 2) -> "Reader":
        """Load backbone and heads from the package, to run on `threads` cores."""
        return cls(Backbone.load(threads), Heads.load())

    def read(self, photo: bytes) -> GarmentSpec:
        """Return what `photo` shows; raises UnreadablePhoto where it can't be decoded."""
        pixels = decode(photo)
        cutout = cut_out(pixels)
        rows = self.backbone.features(views(pixels, cutout))
        shape, surface = rows[SHAPE].mean(axis=0), rows[SURFACE].mean(axis=0)
        presence = self.heads.presence.probabilities(shape)["garment"]
        kind = self.heads.garment.verdict(shape)
        certainty = kind.probability * presence
        familiarity = self.heads.familiarity(rows[SHAPE])
        if familiarity < LEAST_FAMILIARITY or presence < LEAST_PRESENCE or certainty < LEAST_TYPE:
            return GarmentSpec()
        named = Verdict(kind.label, certainty)
        pattern = self.heads.pattern.verdict(surface)
        colours = swatches(pixels, cutout, plain=pattern.label == "solid")
        return self._spec(named, pattern, colours, shape, surface)

    def _spec(
        self,
        kind: Verdict,
        pattern: Verdict,
        colours: tuple[Swatch, ...],
        shape: Features,
        surface: Features,
    ) -> GarmentSpec:
        finer = self._subtype(kind, shape)
        named = finer or kind
        return GarmentSpec(
            garment_type=_seen(kind),
            fabric=self._fabric(surface),
            colors=_colours(colours),
            pattern=_seen(pattern) if pattern.probability >= LEAST_PATTERN else NOT_VISIBLE,
            aesthetic=infer.aesthetic(named.label, named.probability) or NOT_VISIBLE,
            details=(
                *((_detail("subtype", finer),) if finer else ()),
                *infer.details(named.label, named.probability),
            ),
        )

    def _subtype(self, kind: Verdict, shape: Features) -> Verdict | None:
        """Return a finer type of `kind`; None where it is simply of that type, or can't be told."""
        finer = {name for name, parent in infer.PARENTS.items() if parent == kind.label}
        if not finer:
            return None
        found = self.heads.subtype.verdict(shape, among=finer | {kind.label})
        certainty = found.probability * kind.probability
        if found.label == kind.label or certainty < LEAST_SUBTYPE:
            return None
        return Verdict(found.label, certainty)

    def _fabric(self, surface: Features) -> SpecText:
        """Denim can be told from a photo; what else it may be can't."""
        denim = Verdict("denim", self.heads.fabric.probabilities(surface)["denim"])
        return _seen(denim) if denim.probability >= LEAST_FABRIC else NOT_VISIBLE


def _seen(verdict: Verdict) -> SpecText:
    return SpecText(verdict.label, round(verdict.probability, 3), SpecSource.ANALYSIS)


def _detail(name: str, verdict: Verdict) -> SpecDetail:
    return SpecDetail(name, verdict.label, round(verdict.probability, 3), SpecSource.ANALYSIS)


def _colours(found: tuple[Swatch, ...]) -> tuple[SpecColor, ...]:
    return tuple(
        SpecColor(
            name=name_of(swatch.hex),
            hex=swatch.hex,
            role=_role(index, swatch.share),
            share=swatch.share,
            confidence=swatch.confidence,
            source=SpecSource.ANALYSIS,
        )
        for index, swatch in enumerate(found)
    )


def _role(index: int, share: float) -> ColorRole:
    if index == 0:
        return ColorRole.PRIMARY
    return ColorRole.SECONDARY if share >= SECONDARY_SHARE else ColorRole.ACCENT
