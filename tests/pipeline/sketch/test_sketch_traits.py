import pytest

from pipeline.fashion.reading import spec_from_text
from pipeline.sketch.traits import traits_of


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("blue denim pants", "jeans"),
        ("blue denim leggings", "leggings"),
        ("blue cotton pants", "straight"),
    ],
)
def test_the_cloth_names_the_cut_where_no_finer_word_does(text: str, cut: str) -> None:
    assert traits_of(spec_from_text(text)).cut == cut
