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
from pipeline.sketch.flat import Cloth, Piece, part_of
from pipeline.sketch.limits import unshown
from pipeline.sketch.tones import tones_of
from pipeline.sketch.traits import Stripes
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


@pytest.mark.parametrize(
    ("words", "accents", "colours", "pattern"),
    [
        (
            "striped rugby shirt, stripes on the sleeves only, body plain navy",
            "striped sleeves",
            ["navy"],
            "solid",
        ),
        (
            "navy sweatshirt, only the sleeves are striped in white",
            "white striped sleeves",
            ["navy", "white"],
            "solid",
        ),
        (
            "jacket in denim with a corduroy collar in brown",
            "brown corduroy collar",
            ["brown"],
            None,
        ),
        (
            "black dress with white lace trim at the hem",
            "white lace hem",
            ["black", "white"],
            None,
        ),
        (
            "parka in khaki with fur-trimmed hood, fur in cream",
            "cream fur hood",
            ["khaki", "cream"],
            None,
        ),
        ("khaki parka, hood trimmed with cream fur", "cream fur hood", ["khaki", "cream"], None),
        (
            "dress, top half purple, bottom half turquoise",
            "purple top half, turquoise bottom half",
            ["purple", "turquoise"],
            None,
        ),
        ("dress with long sleeves in red", None, ["red"], None),
        ("navy coat lined with red silk", "red silk lined", ["navy", "red"], None),
    ],
)
async def test_what_is_said_of_a_part_after_its_name_is_that_parts(
    words: str, accents: str | None, colours: list[str], pattern: str | None
) -> None:
    outcome = await asked(words)
    assert outcome.spec.detail("accents") == accents
    assert [colour.name for colour in outcome.spec.colors] == colours
    assert outcome.spec.pattern.value == pattern
    assert outcome.spec.fabric.value in (None, "denim")
    assert not any("doesn't draw" in warning for warning in outcome.warnings)


async def test_a_pattern_for_the_sleeves_only_leaves_a_striped_photo_plain() -> None:
    outcome = await asked("stripes only on the sleeves", spec_from_text("white striped t-shirt"))
    assert outcome.spec.pattern.value == "solid"
    assert outcome.made.traits.pattern == "solid"
    assert Part.SLEEVE in outcome.grounds


async def test_two_legs_in_two_colours_are_not_drawn_and_that_is_said() -> None:
    outcome = await asked("white trousers with one red leg and one black leg")
    assert outcome.warnings == (
        "sketch doesn't draw the red leg",
        "sketch doesn't draw the black leg",
    )
    assert "#cb2329" not in outcome.made.svg
    assert "#101012" not in outcome.made.svg


@pytest.mark.parametrize(
    ("words", "colours", "shown"),
    [
        ("t-shirt with a big red heart", [], "red heart"),
        ("white t-shirt with a big red heart", ["white"], "red heart"),
        ("navy tee with red and white hearts", ["navy"], "red and white hearts"),
        ("white t-shirt with the word LOVE in black", ["white"], "word love in black"),
        ("kimono in indigo with white cranes", ["indigo"], "white cranes"),
    ],
)
async def test_a_motifs_colour_is_not_the_garments(
    words: str, colours: list[str], shown: str
) -> None:
    outcome = await asked(words)
    assert [colour.name for colour in outcome.spec.colors] == colours
    assert f"sketch doesn't draw the {shown}" in outcome.warnings


@pytest.mark.parametrize(
    ("words", "colours"),
    [
        ("a dress with ruffles in red", ["red"]),
        ("a tailored wool coat with a belt, in a deep red tone", ["deep red"]),
        ("white dress with red polka dots", ["white", "red"]),
        ("white shirt with navy buttons", ["white", "navy"]),
    ],
)
async def test_a_colour_of_the_garment_stays_its_own(words: str, colours: list[str]) -> None:
    assert [colour.name for colour in (await asked(words)).spec.colors] == colours


async def test_a_locked_garment_wins_over_the_words_in_the_picture_and_in_the_prompt() -> None:
    outcome = await asked("a cardigan", given({"garmentType": "sweater", "colors": ["grey"]}))
    assert outcome.garment == "a grey sweater, long sleeves"
    assert outcome.spec.detail("closure") is None
    assert outcome.made.traits.cut == "sweater"
    assert outcome.warnings == (
        "The subtype is locked as sweater: cardigan in your words was not followed",
    )


async def test_what_a_locked_field_does_not_refuse_is_still_said_and_drawn() -> None:
    words = "a red cardigan with gold buttons, soft evening light"
    outcome = await asked(words, given({"garmentType": "sweater"}))
    assert outcome.garment == ("a red sweater with gold buttons, long sleeves, soft evening light")
    assert [colour.name for colour in outcome.spec.colors] == ["red", "gold"]
    assert outcome.spec.detail("accents") == "gold buttons"


@pytest.mark.parametrize(
    ("words", "kind", "cut"),
    [
        ("a black diagonal striped tie", "accessory", "tie"),
        ("navy football jersey", "t-shirt", "tee"),
        ("black thigh-high boots", "shoes", "tall-boot"),
        ("kimono in indigo", "outwear", "kimono"),
        ("camel coat with a tie belt", "outwear", "coat"),
    ],
)
async def test_garments_that_were_taken_for_others(words: str, kind: str, cut: str) -> None:
    outcome = await asked(words)
    assert (outcome.made.traits.kind, outcome.made.traits.cut) == (kind, cut)
    assert outcome.warnings == ()


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        ("white wedding veil", "sketch can't draw a veil: a plain t-shirt stands in"),
        ("black bib shorts", "Of bib shorts, sketch draws the shorts"),
        ("pink dress with a big bow", "sketch doesn't draw the bow"),
        ("a black dress with a red bow", "sketch doesn't draw the red bow"),
        ("white wedding gown with a long train", "sketch doesn't draw the train"),
        ("grey trousers with turn-ups", "sketch doesn't draw the turn-ups"),
        ("black skirt with a side zip", "sketch doesn't draw the side zip"),
    ],
)
async def test_what_is_not_drawn_is_said_once(words: str, warning: str) -> None:
    assert (await asked(words)).warnings == (warning,)


async def test_a_stiletto_is_more_slender_than_a_pump() -> None:
    pumps, stilettos = await asked("red pumps"), await asked("red pumps with a stiletto heel")

    def tip(outcome: Outcome) -> float:
        heel = next(
            i for i in outcome.made.flats[0] if isinstance(i, Piece) and i.cloth is Cloth.HEEL
        )
        return heel.path.area

    assert tip(stilettos) < tip(pumps)
    assert stilettos.warnings == ()


async def test_a_cowl_hangs_between_the_straps_of_a_slip_dress() -> None:
    plain, cowl = (
        await asked("champagne slip dress"),
        await asked("champagne slip dress, cowl neck"),
    )
    assert len(cowl.made.flats[0]) == len(plain.made.flats[0]) + 4
    assert cowl.made.flats[0][0] == plain.made.flats[0][0]


async def test_an_ombre_runs_from_the_one_colour_into_the_other() -> None:
    outcome = await asked("red to black ombre dress")
    assert outcome.warnings == ()
    assert outcome.made.traits.pattern == "solid"
    for stop in ("#cb2329", "#101012"):
        assert f'fill="{stop}"' in outcome.made.svg
    assert outcome.made.svg.count("<rect") > 40


async def test_a_locked_view_is_the_only_one_in_the_prompt() -> None:
    spec = given({"garmentType": "dress", "colors": ["red"], "details": {"view": "back view"}})
    outcome = await asked("three-quarter view", spec)
    assert outcome.prompt.text.count("view") == 1
    assert outcome.warnings == (
        "The view is locked as back view: three-quarter view in your words was not followed",
    )


async def test_stripes_run_the_way_they_are_told_to() -> None:
    down = await asked("football jersey with red and white vertical stripes")
    assert down.made.traits.stripes is Stripes.DOWN
    tie = await asked("a navy diagonal striped tie")
    assert all(i.grain == 0 for i in tie.made.flats[0] if isinstance(i, Piece))


@pytest.mark.parametrize(
    ("words", "part", "ground"),
    [
        ("make the collar white", Part.COLLAR, "#ffffff"),
        ("turn the sleeves to white", Part.SLEEVE, "#ffffff"),
        ("change the buttons to red", Part.BUTTON, "#cb2329"),
        ("keep the cuffs white", Part.CUFF, "#ffffff"),
    ],
)
async def test_a_part_of_a_photo_is_recoloured_alone(words: str, part: Part, ground: str) -> None:
    outcome = await asked(words, spec_from_text("navy shirt with buttons"))
    assert outcome.spec.colors[0].name == "navy"
    assert outcome.grounds == {part: ground}
    assert "navy shirt" in outcome.garment
    assert outcome.warnings == ()


async def test_a_garment_that_says_its_cloth_keeps_a_collars_colour_off_it() -> None:
    outcome = await asked("denim jacket with a shearling collar in black")
    assert outcome.grounds == {Part.COLLAR: "#101012"}
    assert [colour.role.value for colour in outcome.spec.colors] == ["accent"]


async def test_stripes_that_are_recoloured_keep_their_ground_and_their_garment() -> None:
    photo = spec_from_text("navy and white striped t-shirt")
    outcome = await asked("make the stripes red", photo)
    assert outcome.garment.startswith("make the stripes red, a navy and red striped t-shirt")
    assert [colour.name for colour in outcome.spec.colors] == ["navy", "red"]
    assert sum(colour.share for colour in outcome.spec.colors) == pytest.approx(1, abs=0.01)
    assert outcome.made.traits.pattern == "striped"
    assert outcome.warnings == (
        "The colour: your words say red, not white; your words were followed",
    )
