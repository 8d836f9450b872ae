"""PERSONA: matching, wishing and finding none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from pipeline.domain import (
    Brief,
    GenerationMode,
    GenerationSettings,
    PartOrigin,
    Persona,
    PersonaId,
    WorkspaceId,
)
from pipeline.errors import StageSkipped
from pipeline.fashion.reading import spec_from_text
from pipeline.personas.built_in import BUILT_IN
from pipeline.records.reading import read_spec
from pipeline.results import PersonaChoice
from pipeline.spec import GarmentSpec
from pipeline.stages.match_persona import MatchPersona

WORKSPACE = WorkspaceId(uuid4())


@dataclass(frozen=True)
class Shelf:
    personas: Sequence[Persona] = BUILT_IN

    async def shelf(self, workspace: WorkspaceId) -> Sequence[Persona]:
        return self.personas if workspace == WORKSPACE else ()


def own(name: str, attributes: dict[str, Any]) -> Persona:
    return Persona(
        id=PersonaId(uuid4()),
        name=name,
        description="",
        attributes=attributes,
        built_in=False,
        created_at=datetime.now(UTC),
    )


async def match(
    prompt: str | None = None,
    spec: GarmentSpec | None = None,
    *,
    wish: PersonaId | None = None,
    personas: Sequence[Persona] = BUILT_IN,
) -> PersonaChoice:
    brief = Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt=prompt,
        settings=GenerationSettings(persona_id=wish),
    )
    return await MatchPersona(Shelf(personas))(WORKSPACE, brief, spec)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a minimalist black wool coat with clean lines", "Minimalist"),
        ("boho maxi dress with embroidery and fringe, in rust", "Bohemian"),
        ("oversized streetwear hoodie with a logo", "Street"),
        ("black leather biker jacket with studs, punk", "Rebel"),
        ("emerald velvet evening gown with an open back, glamorous", "Night Glamour"),
        ("breton striped navy top for a seaside holiday", "Coast"),
    ],
)
async def test_the_style_is_recognised(prompt: str, name: str) -> None:
    choice = await match(prompt)
    assert choice.match.persona.name == name
    assert 0.3 <= choice.match.score <= 1
    assert choice.facts.persona == choice.match


async def test_the_reason_names_the_evidence() -> None:
    choice = await match(spec=spec_from_text("burgundy velvet gothic gown"))
    assert choice.match.persona.name == "Night Bloom"
    for word in ("gothic", "velvet", "burgundy"):
        assert word in choice.match.reason
    assert "Night Bloom" in choice.summary


async def test_parts_are_style_only_and_say_whose() -> None:
    choice = await match("a minimalist black wool coat")
    assert {part.origin for part in choice.parts} == {PartOrigin.PERSONA}
    assert [part.text for part in choice.parts] == [
        "minimalist aesthetic",
        "clean lines",
        "precise tailoring",
    ]
    assert all("Minimalist" in (part.reason or "") for part in choice.parts)


async def test_a_wish_wins() -> None:
    athlete = next(one for one in BUILT_IN if one.name == "Athlete")
    choice = await match("a romantic lace gown", wish=athlete.id)
    assert choice.match.persona == athlete
    assert choice.match.score == 1
    assert choice.match.reason.startswith("You asked for it")


async def test_a_wish_that_is_gone_is_skipped_with_the_reason() -> None:
    with pytest.raises(StageSkipped, match="does not exist any more"):
        await match("a minimalist coat", wish=PersonaId(uuid4()))


@pytest.mark.parametrize("prompt", [None, "", "a thing", "a dress", "not minimalist"])
async def test_without_evidence_there_is_no_match(prompt: str | None) -> None:
    with pytest.raises(StageSkipped, match="No persona fits"):
        await match(prompt)


async def test_without_personas_there_is_no_match() -> None:
    with pytest.raises(StageSkipped):
        await match("a minimalist coat", personas=())


async def test_ones_own_persona_is_matched_by_its_free_attributes() -> None:
    mine = own("Mine", {"colors": ["#12915f"], "tags": "pleated skirt, school", "x": {"y": [1]}})
    choice = await match("an emerald pleated skirt for school", personas=[*BUILT_IN, mine])
    assert choice.match.persona == mine


async def test_a_persona_without_style_adds_nothing() -> None:
    empty = own("Empty", {"age": 40})
    choice = await match("a dress", wish=empty.id, personas=[empty])
    assert choice.parts == ()


async def test_the_words_count_more_than_the_photo() -> None:
    photo = spec_from_text("navy wool suit jacket, classic")
    choice = await match("make it punk, in black leather with studs", photo)
    assert choice.match.persona.name == "Rebel"


async def test_keywords_that_are_garments_colours_or_cuts_are_no_parts() -> None:
    mine = own(
        "Mine", {"keywords": ["hoodie", "red", "fringe", "oversized", "quiet", "urban", "x"]}
    )
    choice = await match("a dress", wish=mine.id, personas=[mine])
    assert [part.text for part in choice.parts] == ["quiet", "urban"]


@pytest.mark.parametrize("persona", BUILT_IN, ids=lambda one: one.name)
async def test_every_archetype_adds_its_mood_and_some_style(persona: Persona) -> None:
    choice = await match("a dress", wish=persona.id)
    assert len(choice.parts) == 3


async def test_words_that_a_locked_field_refuses_choose_no_persona() -> None:
    record = {"garmentType": "evening gown", "fabric": "velvet", "aesthetic": "glamorous"}
    choice = await match("a punk leather biker jacket with studs", read_spec(record).spec)
    assert choice.match.persona.name == "Night Glamour"
