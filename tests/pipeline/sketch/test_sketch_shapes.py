from collections.abc import Mapping
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.sketch.chance import Chance
from pipeline.sketch.cuts import CUTS, FALLBACK
from pipeline.sketch.flat import Flat, Piece, box_of
from pipeline.sketch.garments import views
from pipeline.sketch.path import Path
from pipeline.sketch.traits import Collar, Fabric, Length, Neckline, Stripes, traits_of
from pipeline.spec import NOT_VISIBLE, GarmentSpec, SpecDetail, SpecSource, SpecText

Mask = NDArray[np.bool_]


def spec(kind: str | None, details: Mapping[str, str] = {}, silhouette: str = "") -> GarmentSpec:
    return GarmentSpec(
        garment_type=SpecText(kind, 1.0, SpecSource.DESIGNER) if kind else NOT_VISIBLE,
        silhouette=SpecText(silhouette or None, 1.0, SpecSource.DESIGNER),
        details=tuple(
            SpecDetail(name, value, 1.0, SpecSource.DESIGNER) for name, value in details.items()
        ),
    )


def front(kind: str, silhouette: str = "", **details: str) -> Flat:
    return views(traits_of(spec(kind, details, silhouette)), Chance(1))[0]


def filled(flat: Flat, scale: float, x: float, y: float, size: tuple[int, int]) -> Mask:
    image = Image.new("1", size)
    pen = ImageDraw.Draw(image)
    for item in flat:
        if isinstance(item, Piece):
            pen.polygon([(x + a * scale, y + b * scale) for a, b in item.path.points()], fill=1)
    return np.asarray(image)


def body(flat: Flat) -> Path:
    """Return the outline of the largest piece."""
    return max((i.path for i in flat if isinstance(i, Piece)), key=lambda outline: outline.area)


def area(flat: Flat) -> float:
    """Return what the garment covers, in square centimetres."""
    return float(filled(flat, 2, 300, 150, (600, 600)).sum()) / 4


@cache
def fitted(kind: str, cut: str) -> Mask:
    """Return the silhouette of a cut, filling a square."""
    flat = front(kind, subtype=CUTS[kind][cut].split("|")[-1])
    box = box_of(flat)
    scale = 190 / max(box.width, box.height)
    x, y = box.centre
    return filled(flat, scale, 100 - x * scale, 100 - y * scale, (200, 200))


def likeness(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_types_have_silhouettes_of_their_own() -> None:
    default = {kind: fitted(kind, next(iter(cuts))) for kind, cuts in CUTS.items()}
    for one, other in combinations(default, 2):
        assert likeness(default[one], default[other]) < 0.95, (one, other)


@pytest.mark.parametrize("kind", CUTS)
def test_cuts_have_silhouettes_of_their_own(kind: str) -> None:
    for one, other in combinations(CUTS[kind], 2):
        assert likeness(fitted(kind, one), fitted(kind, other)) < 0.985, (one, other)


@pytest.mark.parametrize("kind", CUTS)
def test_every_word_for_a_cut_leads_to_it(kind: str) -> None:
    for cut, words in CUTS[kind].items():
        for word in words.split("|"):
            assert traits_of(spec(kind, {"subtype": word})).cut == cut, word


@pytest.mark.parametrize("kind", ["t-shirt", "dress", "longsleeve"])
def test_longer_sleeves_cover_more(kind: str) -> None:
    told = ("sleeveless", "short sleeves", "elbow-length", "3/4 sleeve", "long sleeves")
    covered = [area(front(kind, sleeve=sleeve)) for sleeve in told]
    assert covered == sorted(covered)
    assert all(b - a > 60 for a, b in pairwise(covered))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("dress", ("mini", "knee-length", "midi", "ankle", "floor-length")),
        ("skirt", ("mini", "knee", "midi", "maxi")),
        ("pants", ("cropped", "ankle", "full length")),
        ("shorts", ("mini", "regular", "knee")),
        ("t-shirt", ("cropped", "regular", "long")),
        ("outwear", ("cropped", "hip", "knee", "maxi")),
    ],
)
def test_longer_garments_reach_lower(kind: str, told: tuple[str, ...]) -> None:
    ends = [body(front(kind, length=length)).box.bottom for length in told]
    assert all(b - a > 5 for a, b in pairwise(ends)), ends


def test_wider_sleeves_reach_wider() -> None:
    plain = area(front("dress", sleeve="long"))
    assert area(front("dress", sleeve="bell sleeves")) > plain + 100
    assert area(front("dress", sleeve="long balloon sleeves")) > plain + 100


def test_fit_widens_and_narrows() -> None:
    slim, regular, wide = (
        area(front("t-shirt", fit=f)) for f in ("slim fit", "regular", "oversized")
    )
    assert slim < regular * 0.95 < wide * 0.9


def test_a_flared_silhouette_widens_the_hem() -> None:
    straight, flared = (box_of(front("skirt", s)).width for s in ("straight", "flared"))
    assert flared > straight + 5


def opening(flat: Flat) -> float:
    """Return how far below the shoulder the front of the body begins, at the centre."""
    return min(y for x, y in body(flat).points() if abs(x) < 0.5)


def test_necklines_open_the_body_as_far_as_they_say() -> None:
    told = ("turtleneck", "boat neck", "crew neck", "scoop neckline", "V-neck", "deep v")
    depths = {neck: opening(front("t-shirt", neckline=neck)) for neck in told}
    assert depths["turtleneck"] < depths["crew neck"] < depths["scoop neckline"] < depths["V-neck"]
    assert depths["V-neck"] < depths["deep v"]
    assert depths["boat neck"] < depths["crew neck"]


def test_necklines_have_shapes_of_their_own() -> None:
    told = [words.value.split("|")[0] for words in Neckline]
    masks = {neck: filled(front("dress", neckline=neck), 4, 250, 60, (500, 200)) for neck in told}
    outlines = {neck: front("dress", neckline=neck) for neck in told}
    assert len({str([i.path for i in flat]) for flat in outlines.values()}) == len(told)
    bare = masks["halter"].sum(), masks["sweetheart"].sum(), masks["strapless"].sum()
    assert max(bare) < masks["crew"].sum()


def test_collar_and_closure_add_their_pieces() -> None:
    plain = len(front("shirt", closure="none", collar="collarless"))
    assert len(front("shirt", closure="buttons", collar="collarless")) > plain + 5
    assert len(front("shirt", closure="zip", collar="collarless")) > plain
    high = [box_of(front("outwear", collar=c)).top for c in ("hood", "mandarin collar", "none")]
    assert high == sorted(high)


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("evening gown", {}, ("dress", "gown")),
        (None, {"subtype": "bucket hat"}, ("hat", "bucket")),
        (None, {}, (FALLBACK, "tee")),
        ("spacesuit", {}, (FALLBACK, "tee")),
        ("hat", {"subtype": "colander"}, ("hat", "cap")),
        ("shoes", {"subtype": "Ankle Boots"}, ("shoes", "boot")),
        ("outwear", {"subtype": "double-breasted trench coat"}, ("outwear", "trench")),
        ("pants", {"subtype": "boyfriend jeans"}, ("pants", "jeans")),
    ],
)
def test_garments_are_found_by_their_words(
    kind: str | None, details: dict[str, str], expected: tuple[str, str]
) -> None:
    traits = traits_of(spec(kind, details))
    assert (traits.kind, traits.cut) == expected


def test_details_are_read_however_they_are_said() -> None:
    traits = traits_of(
        spec("dress", {"neckline": "V-Neckline", "sleeves": "spaghetti straps", "fit": "Slim-fit"})
    )
    assert traits.neckline is Neckline.V
    assert traits.ease < 1
    assert traits_of(spec("skirt", {"length": "above the knee"})).length is Length.MINI
    assert traits_of(spec("shirt", {"collar": "mandarin collar"})).collar is Collar.STAND
    assert traits_of(spec("pants", {"subtype": "jeans"})).fabric is Fabric.DENIM
    pin = spec("pants", {"stripes": "vertical pinstripes"})
    assert traits_of(pin).stripes is Stripes.DOWN


def test_one_shoulder_is_bare_on_one_side_only() -> None:
    outline = body(front("dress", neckline="one-shoulder"))
    tops = [min(y for x, y in outline.points() if side * x > 5) for side in (-1, 1)]
    assert tops[0] > tops[1] + 8
    back = body(views(traits_of(spec("dress", {"neckline": "one-shoulder"})), Chance(1))[1])
    assert back.box.top == outline.box.top
    assert min(y for x, y in back.points() if x < -5) < 8


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("dress", "hem", "thigh slit"),
        ("skirt", "hem", "slit"),
        ("dress", "finish", "pleated"),
        ("skirt", "finish", "pleats"),
        ("dress", "waist", "belted"),
    ],
)
def test_slits_pleats_and_belts_are_drawn(kind: str, name: str, value: str) -> None:
    assert front(kind, **{name: value}) != front(kind)
