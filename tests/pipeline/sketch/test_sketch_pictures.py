from collections import Counter
from dataclasses import replace
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.domain import AspectRatio
from pipeline.fashion.colours import delta_e
from pipeline.sketch.cuts import CUTS
from pipeline.sketch.draw import draw
from pipeline.sketch.frame import size_of
from pipeline.spec import (
    GARMENT_TYPES,
    PATTERNS,
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)

Picture = NDArray[np.uint8]

ROLES = (ColorRole.PRIMARY, ColorRole.SECONDARY, ColorRole.ACCENT, ColorRole.ACCENT)
SHARES = (0.55, 0.2, 0.15, 0.1)
SCHEMES = (
    ("#7b2234",),
    ("#ffffff", "#1f2a44"),
    ("#101014", "#e9c46a", "#2a9d8f"),
    ("#e7a1b0", "#3f6b57", "#f4f1de", "#264653"),
    ("#f3f0ea", "#e2e7ec"),
)


def said(value: str) -> SpecText:
    return SpecText(value, 1.0, SpecSource.DESIGNER)


def garment(
    kind: str, scheme: tuple[str, ...] = SCHEMES[0], pattern: str = "solid", cut: str = ""
) -> GarmentSpec:
    colours = (
        SpecColor(hex_, hex_, role, share, 1.0, SpecSource.DESIGNER)
        for hex_, role, share in zip(scheme, ROLES, SHARES, strict=False)
    )
    details = (SpecDetail("subtype", cut, 1.0, SpecSource.DESIGNER),) if cut else ()
    return GarmentSpec(
        garment_type=said(kind), colors=tuple(colours), pattern=said(pattern), details=details
    )


def with_detail(spec: GarmentSpec, name: str, value: str) -> GarmentSpec:
    return replace(spec, details=(*spec.details, SpecDetail(name, value, 1.0, SpecSource.DESIGNER)))


def seen(spec: GarmentSpec, aspect: AspectRatio = AspectRatio.SQUARE, seed: int = 1) -> Picture:
    with Image.open(BytesIO(draw(spec, aspect, seed))) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


def areas(picture: Picture) -> Counter[str]:
    """Count the pixels of every colour but the paper's."""
    packed = picture.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    values, counts = np.unique(packed, return_counts=True)
    found = Counter({f"#{v:06x}": int(n) for v, n in zip(values, counts, strict=True)})
    del found[f"#{packed[0, 0]:06x}"]
    return found


def near(found: Counter[str], hex_: str) -> int:
    """Return the pixels of the flat areas within CIEDE2000 3 of a colour."""
    return sum(n for other, n in found.items() if n >= 100 and delta_e(hex_, other) <= 3)


@pytest.mark.parametrize("aspect", AspectRatio)
def test_sizes_are_even_and_about_a_megapixel(aspect: AspectRatio) -> None:
    width, height = size_of(aspect)
    assert width % 2 == height % 2 == 0
    assert 950_000 <= width * height <= 1_050_000
    across, down = aspect.terms
    assert width / height == pytest.approx(across / down, rel=0.005)


@pytest.mark.parametrize("aspect", AspectRatio)
@pytest.mark.parametrize("kind", ["dress", "longsleeve", "pants", "shoes", "hat"])
def test_every_ratio_shows_the_whole_garment(kind: str, aspect: AspectRatio) -> None:
    picture = seen(garment(kind), aspect, seed=list(AspectRatio).index(aspect))
    height, width, _ = picture.shape
    assert (width, height) == size_of(aspect)
    rows, columns = np.nonzero((picture != picture[0, 0]).any(axis=2))
    margin = 0.05 * min(width, height)
    assert rows.min() > margin
    assert columns.min() > margin
    assert rows.max() < height - margin
    assert columns.max() < width - margin
    assert abs((rows.min() + rows.max()) / 2 - height / 2) < 0.03 * height
    assert abs((columns.min() + columns.max()) / 2 - width / 2) < 0.03 * width
    fills = max(np.ptp(rows) / height, np.ptp(columns) / width)
    assert fills > 0.8


@pytest.mark.parametrize("kind", GARMENT_TYPES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_colours_show_and_the_primary_most(kind: str, pattern: str) -> None:
    place = PATTERNS.index(pattern) + GARMENT_TYPES.index(kind)
    scheme = SCHEMES[place % len(SCHEMES)]
    found = areas(seen(garment(kind, scheme, pattern), seed=place))
    cloth = sum(found.values())
    shown = [near(found, hex_) for hex_ in scheme]
    assert shown[0] == max(shown)
    assert shown[0] > 0.3 * cloth
    least = 0.0015 if pattern == "graphic" else 0.004
    assert min(shown) > least * cloth, (scheme, shown, cloth)


@pytest.mark.parametrize("kind", GARMENT_TYPES)
def test_every_cut_shows_two_colours(kind: str) -> None:
    for place, cut in enumerate(CUTS[kind]):
        scheme = SCHEMES[1 + place % 2]
        found = areas(seen(garment(kind, scheme, "solid", cut)))
        shown = [near(found, hex_) for hex_ in scheme]
        assert shown[0] == max(shown), cut
        assert min(shown) > 0.004 * sum(found.values()), (cut, shown)


@pytest.mark.parametrize("kind", GARMENT_TYPES)
def test_the_primary_dominates_under_every_pattern_of_one_colour(kind: str) -> None:
    for pattern in PATTERNS[1 + GARMENT_TYPES.index(kind) % 2 :: 2]:
        found = areas(seen(garment(kind, ("#2a6f97",), pattern)))
        assert found.most_common(1)[0][0] == "#2a6f97", pattern
        assert found["#2a6f97"] < 0.97 * sum(found.values())


def test_a_garment_without_colours_is_greige() -> None:
    found = areas(seen(garment("skirt", ())))
    assert near(found, "#b8ada0") > 0.7 * sum(found.values())


@pytest.mark.parametrize("hex_", ["#ffffff", "#f3f0ea", "#000000", "#c8d1da"])
def test_the_paper_contrasts_with_the_cloth(hex_: str) -> None:
    for seed in range(4):
        picture = seen(garment("t-shirt", (hex_,)), seed=seed)
        paper = "#" + bytes(picture[0, 0]).hex()
        assert delta_e(paper, hex_) > 7


def test_seams_show_on_black() -> None:
    found = areas(seen(garment("shirt", ("#000000",))))
    lines = sum(n for hex_, n in found.items() if delta_e(hex_, "#5c5c5c") < 12)
    assert lines > 1000


def test_the_same_seed_gives_the_same_bytes() -> None:
    spec = garment("dress", SCHEMES[3], "floral")
    assert draw(spec, AspectRatio.SQUARE, 5) == draw(spec, AspectRatio.SQUARE, 5)


@pytest.mark.parametrize("kind", GARMENT_TYPES)
def test_other_seeds_show_the_same_garment_differently(kind: str) -> None:
    spec = garment(kind, SCHEMES[1], "striped")
    pictures = [seen(spec, seed=seed) for seed in range(3)]
    for one, other in combinations(pictures, 2):
        assert (one != other).any(axis=2).mean() > 0.02
    for picture in pictures:
        assert areas(picture).most_common(1)[0][0] == "#ffffff"


def test_a_trim_has_its_own_colour_and_no_other_part_has_it() -> None:
    white, navy = "#ffffff", "#1f2a44"
    shirt = garment("shirt", (white, navy))
    cloth, other = shirt.colors
    plain = replace(shirt, colors=(cloth, replace(other, role=ColorRole.ACCENT)))
    trims = {
        part: near(areas(seen(with_detail(plain, "accents", f"{navy} {part}"))), navy)
        for part in ("buttons", "collar")
    }
    assert 100 <= trims["buttons"] < trims["collar"] / 4


def test_denim_without_a_colour_is_blue() -> None:
    jacket = with_detail(garment("outwear", ()), "subtype", "denim jacket")
    assert near(areas(seen(replace(jacket, fabric=said("denim")))), "#4a688f") > 10_000


def test_a_finer_check_looks_different() -> None:
    plain = garment("skirt", ("#ffffff", "#101014"), "checked")
    found = {
        seen(with_detail(plain, "print", name)).tobytes()
        for name in ("tartan", "houndstooth", "argyle")
    }
    assert len(found) == 3
