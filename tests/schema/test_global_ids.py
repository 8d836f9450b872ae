from base64 import urlsafe_b64encode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.ids import Kind, asset_id, feedback_id, generation_id, global_id, parsed, persona_id

KEY = UUID("11111111-2222-4333-8444-555555555555")


@given(st.sampled_from(Kind), st.uuids())
def test_an_id_names_its_type_and_key(kind: Kind, key: UUID) -> None:
    assert parsed(global_id(kind, key)) == (kind, key)


def test_an_id_is_only_read_as_its_own_type() -> None:
    given_id = global_id(Kind.ASSET, KEY)
    assert asset_id(given_id) == KEY
    others = (generation_id(given_id), feedback_id(given_id), persona_id(given_id))
    assert others == (None, None, None)


def test_a_null_id_names_nothing() -> None:
    assert generation_id(None) is None


@given(st.text())
def test_no_text_that_is_no_id_breaks_the_parser(text: str) -> None:
    found = parsed(text)
    assert found is None or global_id(*found) == text


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "Generation",
        f"Generation:{KEY}",
        encoded(f"Dragon:{KEY}"),
        encoded(f"Generation:{KEY.hex}"),
        encoded("Generation:11111111"),
        encoded(f"Generation:{KEY}:"),
        encoded(f"Generation:{KEY}".replace("-", "\u2013")),
        global_id(Kind.GENERATION, KEY) + "=",
        global_id(Kind.GENERATION, KEY) + "\n",
        global_id(Kind.GENERATION, KEY)[:-1],
    ],
)
def test_a_malformed_id_names_nothing(spelling: str) -> None:
    assert parsed(spelling) is None


def test_two_ids_differ() -> None:
    assert global_id(Kind.USER, uuid4()) != global_id(Kind.USER, uuid4())
