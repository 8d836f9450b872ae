"""What is asked for one part is drawn on it, and what can't be drawn is said."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.domain import AspectRatio
from pipeline.fashion.parts import Part
from pipeline.fashion.reading import spec_from_text
from pipeline.fashion.telling import placements_of
from pipeline.sketch.chance import Chance
from pipeline.sketch.draw import Drawing, drawing
from pipeline.sketch.finishes import Finish, finishes_of
from pipeline.sketch.flat import Piece, part_of
from pipeline.sketch.limits import unshown
from pipeline.sketch.path import Path
from pipeline.sketch.textures import Texture
from pipeline.sketch.tones import tones_of


def drawn(text: str, seed: int = 1) -> Drawing:
    return drawing(spec_from_text(text), AspectRatio.SQUARE, seed)


def warnings(text: str) -> list[str]:
    spec = spec_from_text(text)
    made = drawing(spec, AspectRatio.SQUARE, 1)
    return list(unshown(spec, made.traits, made.flats))


def finish(text: str, part: Part) -> Finish:
    spec = spec_from_text(text)
    return finishes_of(placements_of(spec), tones_of(spec, Chance(1)))[part]


def parts(made: Drawing, view: int = 0) -> set[Part | None]:
    return {part_of(item) for item in made.flats[view]}


def pieces(made: Drawing, part: Part, view: int = 0) -> list[Path]:
    flat = made.flats[view]
    return [i.path for i in flat if isinstance(i, Piece) and part_of(i) is part]


@pytest.mark.parametrize(
    ("text", "part", "ground", "pattern", "texture"),
    [
        ("white shirt with a navy collar", Part.COLLAR, "#1f2a4d", "solid", None),
        ("white tee with navy striped sleeves", Part.SLEEVE, "#ffffff", "striped", None),
        ("navy striped tee with plain sleeves", Part.SLEEVE, "#1f2a4d", "solid", None),
        ("brown jacket with a corduroy collar", Part.COLLAR, "#6b4529", "solid", Texture.WALES),
        ("black slip dress with lace at the hem", Part.HEM, "#101012", "solid", Texture.LACE),
        ("white shirt with pink gingham cuffs", Part.CUFF, "#ffffff", "checked", None),
        ("navy joggers with a white side stripe", Part.SIDE, "#ffffff", "solid", None),
        ("cream dress with a black lace bodice", Part.BODICE, "#101012", "solid", Texture.LACE),
    ],
)
def test_a_part_has_a_finish_of_its_own(
    text: str, part: Part, ground: str, pattern: str, texture: Texture | None
) -> None:
    found = finish(text, part)
    assert (found.ground, found.pattern, found.texture) == (ground, pattern, texture)
    assert part in parts(drawn(text))
    assert ground in drawn(text).svg
    assert warnings(text) == []


def test_a_contrast_collar_differs_from_the_shirt() -> None:
    assert finish("white shirt with a contrast collar", Part.COLLAR).ground != "#ffffff"


def test_a_pattern_of_the_sleeves_is_not_one_of_the_body() -> None:
    sleeves = drawn("white tee with stripes on the sleeves only")
    both = drawn("white striped tee")
    assert sleeves.traits.pattern == "solid"
    assert sleeves.svg.count("<pattern") == 2
    assert both.svg.count("<pattern") == 3


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("black parka without a hood", Part.HOOD),
        ("trench coat without a belt", Part.BELT),
        ("white shirt, no pockets", Part.CHEST_POCKET),
        ("white shirt without a chest pocket", Part.CHEST_POCKET),
        ("denim jacket without pockets", Part.CHEST_POCKET),
        ("blue jeans, no belt loops", Part.LOOP),
        ("navy blazer without pockets", Part.POCKET),
    ],
)
def test_what_is_not_there_is_not_drawn(text: str, part: Part) -> None:
    usual = text.split(" without", maxsplit=1)[0].split(",", maxsplit=1)[0]
    assert part in parts(drawn(usual))
    assert part not in parts(drawn(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a red dress with gold embroidery", "sketch doesn't draw the gold embroidery"),
        ("ripped blue jeans", "sketch doesn't draw the distressed finish"),
        ("blue skirt with an asymmetric hem", "sketch doesn't draw the asymmetric hem"),
        ("black wool cape with leather sleeves", "sketch doesn't draw the leather sleeves"),
        ("brown boots, back view", "sketch shows shoes from one side only"),
    ],
)
def test_what_is_not_drawn_is_said(text: str, said: str) -> None:
    assert said in warnings(text)


def test_only_the_back_is_shown_where_it_is_asked_for() -> None:
    assert set(drawn("red dress, back view").flats) == {1}
    assert set(drawn("red dress with an open back").flats) == {0, 1}
    assert set(drawn("red dress, front and back").flats) == {0, 1}


@pytest.mark.parametrize(
    "garment", ["black gown", "red long-sleeved dress", "grey tank top", "silver halter top"]
)
@pytest.mark.parametrize("back", ["open", "low"])
def test_an_open_back_shows_the_inside_of_the_front(garment: str, back: str) -> None:
    def rear_area(text: str) -> float:
        (path,) = pieces(drawn(text), Part.BACK, view=1)
        return path.area

    usual = rear_area(f"{garment}, front and back")
    assert rear_area(f"{garment} with an {back} back") < usual - 20


def test_peak_lapels_point_above_their_notch() -> None:
    def tip(text: str) -> float:
        lapels = pieces(drawn(text), Part.LAPEL)
        return min(y for path in lapels for x, y in path.points() if abs(x) > 11)

    assert tip("black blazer with peak lapels") < tip("black blazer with notched lapels") - 3


def test_a_cowl_falls_in_swags() -> None:
    def items(neck: str) -> int:
        return sum(part_of(i) is Part.COLLAR for i in drawn(f"silk top with a {neck}").flats[0])

    assert items("cowl neck") >= 4
    assert warnings("red silk top with a cowl neck") == []


@pytest.mark.parametrize("kind", ["coat", "cardigan", "dress", "skirt"])
def test_patch_pockets_are_pieces(kind: str) -> None:
    made = drawn(f"camel {kind} with patch pockets")
    assert len(pieces(made, Part.POCKET)) == 2


def test_a_jumpsuit_has_a_bodice_and_legs_and_no_bib() -> None:
    jumpsuit, dungarees = drawn("red jumpsuit"), drawn("red dungarees")
    assert jumpsuit.traits.cut == "jumpsuit"
    assert Part.BODICE not in parts(jumpsuit)
    assert Part.BODICE in parts(dungarees)
    (body,) = pieces(jumpsuit, Part.BODY)
    assert body.box.height > 130
    sleeved = drawn("red jumpsuit with long sleeves")
    assert Part.SLEEVE in parts(sleeved)
    assert Part.SLEEVE not in parts(jumpsuit)


def test_wide_legs_of_a_jumpsuit_are_wide() -> None:
    usual, wide = (drawn(f"black {cut}jumpsuit", 3) for cut in ("", "wide-leg "))
    assert pieces(wide, Part.BODY)[0].box.width > pieces(usual, Part.BODY)[0].box.width + 8


def test_a_knit_vest_is_pulled_over_the_head() -> None:
    knit, suit = drawn("grey knit vest"), drawn("grey wool waistcoat")
    assert Part.BUTTON not in parts(knit)
    assert Part.BUTTON in parts(suit)
    assert Part.HEM in parts(knit)


def filled(path: Path) -> NDArray[np.bool_]:
    image = Image.new("1", (200, 300))
    ImageDraw.Draw(image).polygon([(x + 100, y + 50) for x, y in path.points()], fill=1)
    return np.asarray(image)


def test_the_hem_of_a_dress_lies_within_it() -> None:
    made = drawn("red dress with a white lace hem")
    (body,), (hem,) = pieces(made, Part.BODY), pieces(made, Part.HEM)
    inside = filled(body) & filled(hem)
    assert inside.sum() > 0.97 * filled(hem).sum()
    assert hem.box.top > body.box.bottom - 0.2 * body.box.height


@pytest.mark.parametrize(
    "garment",
    [
        "canvas tote bag",
        "black handbag",
        "striped scarf",
        "navy silk tie",
        "red bikini",
        "red socks",
    ],
)
def test_accessories_are_no_t_shirts(garment: str) -> None:
    assert drawn(garment).traits.kind == "accessory"
    assert not any("stands in" in warning for warning in warnings(garment))


@pytest.mark.parametrize("name", ["leopard", "zebra", "camouflage", "tie-dye", "paisley"])
def test_prints_are_drawn_as_what_they_are(name: str) -> None:
    plain = drawn("red print skirt").svg
    assert drawn(f"red {name} print skirt").svg != plain
    assert warnings(f"red {name} print skirt") == []


def test_a_print_nobody_knows_is_said() -> None:
    assert "sketch draws dinosaur as a plain print" in warnings("a green dinosaur print t-shirt")


def test_a_dress_may_have_another_skirt() -> None:
    made = finish("cream dress with a black pleated skirt", Part.SKIRT)
    assert made.ground == "#101012"
    assert spec_from_text("cream dress with a black pleated skirt").colors[0].name == "cream"


def test_gingham_has_its_ground_its_figures_and_what_lies_between() -> None:
    svg = drawn("pink gingham dress").svg
    assert all(hex_ in svg for hex_ in ("#efa0b8", "#fbfaf6", "#f5cdd7"))


def test_sleeves_that_are_told_of_are_there() -> None:
    assert Part.SLEEVE in parts(drawn("ivory wedding dress with lace sleeves"))
    assert Part.SLEEVE not in parts(drawn("ivory wedding dress"))
