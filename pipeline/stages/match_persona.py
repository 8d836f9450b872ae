"""PERSONA: whose style the brief is in, and what that adds to the prompt."""

from dataclasses import dataclass

from pipeline.domain import (
    Brief,
    PartOrigin,
    Persona,
    PersonaMatch,
    PromptPart,
    WorkspaceId,
)
from pipeline.errors import StageSkipped
from pipeline.fashion.heeding import heeded
from pipeline.fashion.merging import merged, unlocked
from pipeline.fashion.reading import spec_from_text, style_only
from pipeline.personas.evidence import Evidence, weigh
from pipeline.personas.traits import Traits, traits_of
from pipeline.ports import PersonaShelf
from pipeline.results import PersonaChoice
from pipeline.spec import GarmentSpec

THRESHOLD = 0.3
"""Below this a match rests on next to nothing."""


@dataclass(frozen=True, slots=True)
class MatchPersona:
    """Takes the persona that was wished for, else the one that fits best."""

    shelf: PersonaShelf

    async def __call__(
        self, workspace: WorkspaceId, brief: Brief, spec: GarmentSpec | None
    ) -> PersonaChoice:
        """Raise `StageSkipped` where no persona fits, or the one wished for is gone."""
        personas = await self.shelf.shelf(workspace)
        given = spec or GarmentSpec()
        look = merged(given, unlocked(given, spec_from_text(brief.prompt or "")))
        words = heeded(given, brief.prompt or "")
        wished = brief.settings.persona_id
        if wished is not None:
            persona = next((one for one in personas if one.id == wished), None)
            if persona is None:
                raise StageSkipped("The persona that was asked for does not exist any more")
            evidence = weigh(traits_of(persona), look, words)
            return _choice(persona, 1.0, f"You asked for it{_since(evidence)}")
        weighed = [(persona, weigh(traits_of(persona), look, words)) for persona in personas]
        best, evidence = max(
            weighed, key=lambda pair: pair[1].score, default=(None, Evidence(0.0, ()))
        )
        if best is None or evidence.score < THRESHOLD:
            raise StageSkipped("No persona fits what is known of this garment")
        return _choice(best, evidence.score, f"It fits by {_listed(evidence.found)}")


def _choice(persona: Persona, score: float, reason: str) -> PersonaChoice:
    return PersonaChoice(
        match=PersonaMatch(persona, round(score, 3), reason),
        parts=_parts(persona, traits_of(persona)),
        summary=f"{persona.name} ({score:.0%}): {reason[0].lower()}{reason[1:]}",
    )


def _parts(persona: Persona, traits: Traits) -> tuple[PromptPart, ...]:
    """Return the persona's mood and two of its keywords: style only, never garment facts."""
    reason = f"In the style of {persona.name}"
    texts = [f"{aesthetic} aesthetic" for aesthetic in traits.aesthetic[:1]]
    texts += [keyword for keyword in traits.keywords if style_only(keyword)][:2]
    return tuple(PromptPart(text, PartOrigin.PERSONA, reason) for text in texts)


def _since(evidence: Evidence) -> str:
    return f"; it fits by {_listed(evidence.found)}" if evidence.found else ""


def _listed(found: tuple[str, ...]) -> str:
    return ", ".join(found[:5])
