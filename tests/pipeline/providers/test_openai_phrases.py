import pytest

from pipeline.domain import PartOrigin, PromptPart
from pipeline.providers.openai.prompts import Phrase, Phrases, new_phrases

KNOWN = (
    PromptPart("A red linen shirt", PartOrigin.DESIGNER),
    PromptPart("cropped length", PartOrigin.DESIGNER),
)


@pytest.mark.parametrize(
    ("given", "added"),
    [
        (["soft light", "Soft light."], ["soft light"]),
        (["a red linen shirt"], []),
        (["a red linen shirt, cropped length"], []),
        (["a red linen shirt, soft light, cropped length"], ["soft light"]),
        (
            ["soft light, front view", "front view; grey ground"],
            ["soft light, front view", "grey ground"],
        ),
        (["a red linen shirt on a hanger"], ["a red linen shirt on a hanger"]),
        ([" , ", "x" * 301], []),
    ],
)
def test_nothing_is_said_twice(given: list[str], added: list[str]) -> None:
    answer = Phrases(phrases=[Phrase(text=text, reason="why") for text in given])

    assert [part.text for part in new_phrases(answer, KNOWN)] == added
