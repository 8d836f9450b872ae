"""ANALYSIS: what the photo shows."""

from dataclasses import dataclass

from pipeline.completing import completed, unsure
from pipeline.domain import Brief
from pipeline.errors import ObjectMissing, StageFailed
from pipeline.paying import Till, withheld
from pipeline.ports import HostedVision, Objects, Report, VisionModel
from pipeline.results import Analysis
from pipeline.spec import GarmentSpec, SpecText

_ALONE = "No hosted model looked at the photo"
_NOUNS = {"longsleeve": "long-sleeved top", "outwear": "outer garment"}


@dataclass(frozen=True, slots=True)
class Analyse:
    """Reads the brief's source photo from `objects` with `vision`.

    What that is unsure of, a `hosted` model is asked, unless it may not be.
    """

    vision: VisionModel
    objects: Objects
    hosted: HostedVision | None = None

    async def __call__(self, brief: Brief, report: Report, till: Till) -> Analysis:
        """Raise `StageFailed` where there is no photo, or none that can be read."""
        if brief.source is None:
            raise StageFailed("There is no photo to analyse.", code="NO_SOURCE")
        await report(None, "Looking at the photo")
        try:
            photo = await self.objects.get(brief.source.key)
        except ObjectMissing as error:
            raise StageFailed("The photo is no longer stored.", code="SOURCE_MISSING") from error
        spec = await self.vision.analyse(photo)
        if self.hosted is None or not unsure(spec):
            return Analysis(spec, summarised(spec))
        if why := withheld(brief):
            return Analysis(spec, summarised(spec), (f"{_ALONE}: {why}",))
        await report(None, "Asking a hosted model about what is unclear")
        try:
            spec = completed(spec, await self.hosted.analyse(photo, till))
        except StageFailed as failed:
            return Analysis(spec, summarised(spec), (f"{_ALONE}: {failed.message}",))
        return Analysis(spec, summarised(spec))


def summarised(spec: GarmentSpec) -> str:
    """Return the garment in a sentence, such as "A striped navy polo (91 % sure)"."""
    kind = spec.garment_type
    if kind.value is None:
        return "No garment that we recognise"
    words = [word for word in (_pattern(spec.pattern), _colour(spec)) if word]
    noun = spec.detail("subtype") or _NOUNS.get(kind.value, kind.value)
    phrase = " ".join((*words, noun))
    return f"{_article(kind.value, phrase)} ({kind.confidence:.0%} sure)".replace("%", " %")


def _pattern(pattern: SpecText) -> str | None:
    if pattern.value is None or pattern.value == "solid":
        return None
    return {"print": "printed", "graphic": "graphic-print"}.get(pattern.value, pattern.value)


def _colour(spec: GarmentSpec) -> str | None:
    return spec.colors[0].name if spec.colors else None


def _article(kind: str, phrase: str) -> str:
    """Start the phrase as a person would: pants, shorts and shoes come in pairs."""
    if kind in ("pants", "shorts", "shoes"):
        return f"A pair of {phrase}"
    return f"{'An' if phrase[0] in 'aeiou' else 'A'} {phrase}"
