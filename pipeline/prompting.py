"""The prompt and its parts."""

import re
from collections.abc import Iterable, Iterator

from pipeline.domain import Brief, FinalPrompt, PartOrigin, PromptPart, Reward
from pipeline.fashion.describing import detail_phrase, garment_phrase
from pipeline.fashion.merging import merged, unlocked
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.telling import only_placed
from pipeline.spec import GarmentSpec, SpecDetail, SpecSource

IN_THE_GARMENT = ("subtype", "print", "accents")
"""Details that the garment's own phrase says."""


def compose(
    parts: Iterable[PromptPart], negative: str | None, reward: Reward | None = None
) -> FinalPrompt:
    """Join the parts in their order, each text once; a single part stays exactly as it is."""
    kept: dict[str, PromptPart] = {}
    for part in parts:
        if part.text.strip():
            kept.setdefault(part.text.strip().casefold(), part)
    ordered = tuple(kept.values())
    text = ordered[0].text if ordered else ""
    for part in ordered[1:]:
        separator = " " if text.rstrip().endswith((".", "!", "?", ",", ";", ":")) else ", "
        text = f"{text.rstrip()}{separator}{part.text.strip()}"
    return FinalPrompt(text=text, negative=negative, reward=reward, parts=ordered)


def as_written(brief: Brief, spec: GarmentSpec | None) -> tuple[PromptPart, ...]:
    """Return the designer's text as the only part; without text, the garment in plain words."""
    if brief.prompt:
        return (PromptPart(brief.prompt, PartOrigin.DESIGNER, "Sent as written"),)
    return tuple(described(spec)) if spec else ()


def pictured(prompt: FinalPrompt, spec: GarmentSpec | None) -> GarmentSpec:
    """Return the garment that the prompt asks for: the spec, and the designer's words over it.

    Locked fields stay. What a detail says of a part is known from the detail: in "lace hem" the
    garment isn't lace. Style phrases are not read: a "white backdrop" is no white dress.
    """
    given = spec or GarmentSpec()
    read = {detail_phrase(d.name, d.value) for d in given.details if d.value and _in_details(d)}
    own = (part.text for part in prompt.parts if part.origin is PartOrigin.DESIGNER)
    words = [text for text in own if text not in read]
    said = spec_from_text(", ".join(words) if prompt.parts else prompt.text)
    return merged(given, unlocked(given, said))


def described(spec: GarmentSpec) -> Iterator[PromptPart]:
    """Yield what a specification says in words, the garment first, then its details."""
    garment = garment_phrase(spec)
    if garment:
        yield PromptPart(garment, _origin(_sources(spec)), "The garment, its colours and cloth")
    said = re.split(r"[ -]", garment or "")
    for detail in spec.details:
        if not detail.value or detail.name in IN_THE_GARMENT:
            continue
        if only_placed(detail) or detail.value not in said:
            text = detail_phrase(detail.name, detail.value)
            yield PromptPart(text, _origin({detail.source}), detail.name)
    if spec.aesthetic.value:
        text = f"{spec.aesthetic.value} aesthetic"
        yield PromptPart(text, _origin({spec.aesthetic.source}), "aesthetic")


def _in_details(detail: SpecDetail) -> bool:
    return detail.name == "without" or only_placed(detail)


def _origin(sources: set[SpecSource]) -> PartOrigin:
    """Return DESIGNER where nobody else had a say."""
    return PartOrigin.DESIGNER if sources <= {SpecSource.DESIGNER} else PartOrigin.ANALYSIS


def _sources(spec: GarmentSpec) -> set[SpecSource]:
    """Return who settled what the garment's phrase says."""
    fields = (spec.garment_type, spec.fabric, spec.pattern, spec.silhouette)
    sources = {field.source for field in fields} | {colour.source for colour in spec.colors}
    return sources - {SpecSource.NOT_VISIBLE}
