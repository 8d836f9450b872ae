"""ENHANCEMENT: from the specification and the designer's words to a prompt in fashion terms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.domain import Brief, PartOrigin, PromptPart
from pipeline.fashion.describing import garment_phrase
from pipeline.fashion.grammar import modifiers, unwanted
from pipeline.fashion.heeding import heeded, overruled
from pipeline.fashion.merging import (
    SAID,
    cloths,
    contradictions,
    differs,
    figures_only,
    merged,
    other_garment,
    spoken,
    still_there,
    unlocked,
)
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.trust import Doubt, trusted
from pipeline.prompting import IN_THE_GARMENT, described
from pipeline.results import Enhancement
from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecText

_UNKNOWN = PromptPart(
    "a fashion garment", PartOrigin.ENHANCEMENT, "Nothing is known of the garment"
)


@dataclass(frozen=True, slots=True)
class Enhance:
    """A grammar over the lexicon; the same brief, spec and seed give the same prompt."""

    async def __call__(self, brief: Brief, spec: GarmentSpec | None, seed: int) -> Enhancement:
        """Put the designer's words first and unchanged, then the garment, then how to show it.

        Where a locked field refuses words, the garment leads and those words are left out.
        """
        prompt = brief.prompt or ""
        told = spec_from_text(prompt)
        sure, doubts = trusted(spec or GarmentSpec())
        words = unlocked(sure, told)
        against = contradictions(sure, words)
        refused = overruled(sure, told)
        look = merged(sure, words)
        rest = heeded(sure, prompt)
        own = [PromptPart(rest, PartOrigin.DESIGNER, "Your words")] if rest.strip() else []
        garment = list(_led(look) if refused else described(_unsaid(sure, words, look)))
        style = tuple(modifiers(look, rest, seed))
        known = (*garment, *own) if refused else (*own, *garment)
        known = known or (_UNKNOWN,)
        return Enhancement(
            parts=(*known, *style),
            negative=unwanted(look, prompt, brief.negative_prompt),
            summary=_summary(look, style, doubts),
            warnings=tuple(_warnings(against, refused, doubts)),
        )


def _led(look: GarmentSpec) -> Iterator[PromptPart]:
    """Yield the garment as the designer's own: what the specification and the words say of it."""
    return (replace(part, origin=PartOrigin.DESIGNER) for part in described(look))


def _unsaid(sure: GarmentSpec, words: GarmentSpec, look: GarmentSpec) -> GarmentSpec:
    """Return what the specification adds to the words: nothing they say already or contradict."""
    said = {detail.name for detail in words.details if detail.confidence >= SAID}
    other = other_garment(sure, words)
    open_details = () if other else still_there(sure, words)
    rest = replace(
        sure,
        fabric=_open(sure.fabric, words.fabric),
        pattern=_open(sure.pattern, words.pattern),
        silhouette=_open(sure.silhouette, words.silhouette),
        aesthetic=_open(sure.aesthetic, words.aesthetic),
        colors=() if cloths(words) else sure.colors,
        details=tuple(detail for detail in open_details if detail.name not in said),
    )
    if figures_only(words):
        rest = replace(rest, colors=look.colors, pattern=look.pattern)
    if not (spoken(words.garment_type) or other):
        return rest
    if other:
        rest = replace(rest, fabric=NOT_VISIBLE, silhouette=NOT_VISIBLE)
    adds = rest.fabric.value or rest.pattern.value or rest.silhouette.value or rest.colors
    if not adds:
        bare = tuple(detail for detail in rest.details if detail.name not in IN_THE_GARMENT)
        return GarmentSpec(aesthetic=rest.aesthetic, details=bare)
    noun = tuple(detail for detail in look.details if detail.name == "subtype")
    others = tuple(detail for detail in rest.details if detail.name != "subtype")
    return replace(rest, garment_type=look.garment_type, details=(*noun, *others))


def _open(field: SpecText, said: SpecText) -> SpecText:
    agrees = said.value is not None and not differs(field, said)
    return NOT_VISIBLE if spoken(said) or agrees else field


def _summary(look: GarmentSpec, style: Sequence[PromptPart], doubts: Sequence[Doubt]) -> str:
    garment = garment_phrase(look) or "a garment that is not named"
    left = ", ".join(f"{doubt.field} ({doubt.confidence:.0%} sure)" for doubt in doubts)
    out = f"; left out {left}" if left else ""
    phrases = "1 style phrase" if len(style) == 1 else f"{len(style)} style phrases"
    return f"Put {garment} into fashion terms with {phrases}{out}"


def _warnings(
    against: Sequence[tuple[str, str, str]],
    refused: Sequence[tuple[str, str, str]],
    doubts: Sequence[Doubt],
) -> Iterator[str]:
    for field, seen, said in against:
        yield f"The {field}: your words say {said}, not {seen}; your words were followed"
    for field, seen, said in refused:
        yield f"The {field} is locked as {seen}: {said} in your words was not followed"
    for doubt in doubts:
        if doubt.given:
            yield (
                f'The {doubt.field} "{doubt.value}" was left out of the prompt: '
                f"it was given as {doubt.confidence:.0%} sure"
            )
