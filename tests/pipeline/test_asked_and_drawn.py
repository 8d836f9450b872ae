"""From words and a specification to the prompt, the picture and what is said of it."""

from dataclasses import dataclass
from typing import Any

import pytest

from pipeline.domain import AspectRatio, Brief, FinalPrompt, GenerationMode, PartOrigin
from pipeline.fashion.parts import Part
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.telling import placements_of
from pipeline.prompting import compose, pictured
from pipeline.records.reading import read_spec
from pipeline.sketch.chance import Chance
from pipeline.sketch.draw import Drawing, drawing
from pipeline.sketch.finishes import finishes_of
from pipeline.sketch.flat import part_of
from pipeline.sketch.limits import unshown
from pipeline.sketch.tones import tones_of
from pipeline.spec import GarmentSpec
from pipeline.stages.enhance import Enhance


@dataclass(frozen=True)
class Outcome:
    prompt: FinalPrompt
    spec: GarmentSpec
    made: Drawing
    warnings: tuple[str, ...]

    @property
    def garment(self) -> str:
        own = (PartOrigin.DESIGNER, PartOrigin.ANALYSIS)
        return compose((p for p in self.prompt.parts if p.origin in own), None).text

    @property
    def grounds(self) -> dict[Part, str]:
        tones = tones_of(self.spec, Chance(1))
        finishes = finishes_of(placements_of(self.spec), tones)
        return {part: finish.ground for part, finish in finishes.items()}

    @property
    def parts(self) -> set[Part | None]:
        return {part_of(item) for flat in self.made.flats.values() for item in flat}


async def asked(words: str | None, spec: GarmentSpec | None = None) -> Outcome:
    brief = Brief(mode=GenerationMode.FROM_PROMPT, prompt=words)
    enhancement = await Enhance()(brief, spec, 1)
    prompt = compose(enhancement.parts, enhancement.negative)
    seen = pictured(prompt, spec)
    made = drawing(seen, AspectRatio.SQUARE, 1)
    warnings = (*enhancement.warnings, *unshown(seen, made.traits, made.flats))
    return Outcome(prompt, seen, made, warnings)


def given(record: dict[str, Any]) -> GarmentSpec:
    return read_spec(record).spec


@pytest.mark.parametrize(
    ("record", "garment", "grounds"),
    [
        (
            {
                "garmentType": "shirt",
                "colors": ["sky blue", "white"],
                "details": {"collar": "white", "cuffs": "white"},
            },
            "a sky blue and white shirt, white collar, white cuffs",
            {Part.COLLAR: "#ffffff", Part.CUFF: "#ffffff"},
        ),
        (
            {
                "garmentType": "shirt",
                "colors": {"primary": "white", "accent": "navy"},
                "details": {"buttons": "navy"},
            },
            "a white shirt, navy buttons",
            {Part.BUTTON: "#1f2a4d"},
        ),
        (
            {"garmentType": "dress", "colors": ["red"], "details": {"hem": "lace"}},
            "a red dress, lace hem",
            {Part.HEM: "#cb2329"},
        ),
    ],
)
async def test_what_a_detail_says_of_a_part_is_said_and_drawn_of_that_part_alone(
    record: dict[str, Any], garment: str, grounds: dict[Part, str]
) -> None:
    outcome = await asked(None, given(record))
    assert outcome.garment == garment
    assert outcome.grounds == grounds
    assert outcome.spec.fabric.value is None
    assert outcome.warnings == ()


async def test_a_word_for_a_hem_says_that_it_is_one() -> None:
    outcome = await asked(
        None, given({"garmentType": "dress", "colors": ["red"], "hem": "scalloped"})
    )
    assert outcome.garment == "a red dress, scalloped hem"
    assert outcome.warnings == ("sketch doesn't draw the scalloped hem",)


async def test_a_block_heel_is_drawn_where_the_shoe_has_one() -> None:
    record = {"garmentType": "ankle boots", "colors": ["black"], "details": {"heel": "block heel"}}
    assert (await asked(None, given(record))).warnings == ()
    pumps = await asked(None, given({**record, "garmentType": "pumps"}))
    assert pumps.warnings == ("sketch doesn't draw the block heel",)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("a white shirt, neither red nor pink", ("red", "pink")),
        ("a white shirt, not red or pink", ("red", "pink")),
        ("a white shirt instead of red", ("red",)),
    ],
)
async def test_refused_colours_are_not_drawn_and_are_told_to_the_model(
    words: str, refused: tuple[str, ...]
) -> None:
    outcome = await asked(words)
    assert [colour.name for colour in outcome.spec.colors] == ["white"]
    told = (outcome.prompt.negative or "").split(", ")
    assert set(refused) <= set(told)


async def test_a_colour_that_is_refused_contradicts_no_locked_one() -> None:
    spec = given({"garmentType": "dress", "colors": ["navy"]})
    outcome = await asked("neither red nor pink", spec)
    assert outcome.warnings == ()
    assert [colour.name for colour in outcome.spec.colors] == ["navy"]


async def test_what_is_removed_from_a_photo_is_neither_drawn_nor_put_into_words() -> None:
    outcome = await asked("remove the hood", spec_from_text("grey parka with a hood"))
    assert Part.HOOD not in outcome.parts
    assert outcome.garment == "remove the hood, a grey parka"


async def test_one_kind_of_pocket_is_left_out_beside_another() -> None:
    details = {"without": "back vent, chest pocket", "pockets": "patch pockets"}
    outcome = await asked(None, given({"garmentType": "denim jacket", "details": details}))
    assert Part.CHEST_POCKET not in outcome.parts
    assert Part.POCKET in outcome.parts
    assert "without back vent or chest pocket" in outcome.garment
    assert {"back vent", "chest pocket"} <= set((outcome.prompt.negative or "").split(", "))


async def test_refused_belt_loops_are_no_refused_belt() -> None:
    outcome = await asked("blue jeans, no belt loops")
    assert Part.LOOP not in outcome.parts
    assert "belt" not in (outcome.prompt.negative or "").split(", ")


@pytest.mark.parametrize("words", ["a drop waist dress", "a drop shoulder sweater"])
async def test_a_cut_that_is_called_dropped_leaves_nothing_out(words: str) -> None:
    outcome = await asked(words)
    assert outcome.spec.garment_type.value is not None
    assert outcome.spec.detail("without") is None
