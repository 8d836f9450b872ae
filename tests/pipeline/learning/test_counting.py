"""Learning by counting."""

from dataclasses import dataclass
from time import perf_counter

import pytest

from pipeline.domain import FeedbackKind, PartOrigin, PromptPart
from pipeline.learning.counting import Counting
from pipeline.ports import Advice, Signal


@dataclass(frozen=True)
class Given:
    kind: FeedbackKind
    rating: int | None
    parts: tuple[PromptPart, ...]


def part(text: str, origin: PartOrigin = PartOrigin.ENHANCEMENT) -> PromptPart:
    return PromptPart(text, origin)


def rated(rating: int, *texts: str, kind: FeedbackKind = FeedbackKind.RATING) -> Given:
    return Given(kind, rating, tuple(part(text) for text in texts))


def hearts(*texts: str) -> Given:
    return Given(FeedbackKind.HEART, None, tuple(part(text) for text in texts))


def advise(signals: list[Given], *present: str) -> Advice:
    return Counting().advise([part(text) for text in present], signals, 1)


LIKED = [*[rated(5, "soft light", "linen")] * 6, *[rated(2, "hard flash", "linen")] * 6]


@pytest.mark.parametrize(
    "signals",
    [
        [],
        [Given(FeedbackKind.COMMENT, None, (part("a"),))],
        [Given(FeedbackKind.OUTLIER, None, (part("a"),))] * 9,
        [Given(FeedbackKind.PREFERRED, None, (part("a"),))] * 9,
    ],
)
def test_without_evidence_nothing_is_believed(signals: list[Given]) -> None:
    advice = advise(signals, "a")
    assert advice.reward is None
    assert not advice.parts
    assert advice.reason


def test_what_earned_clearly_more_is_added_with_its_reason() -> None:
    advice = advise(LIKED)
    (added,) = advice.parts
    assert added.text == "soft light"
    assert added.origin is PartOrigin.LEARNER
    assert "6 rated results" in (added.reason or "")
    assert "soft light" in advice.reason


def test_what_is_already_there_is_not_added_again() -> None:
    assert not advise(LIKED, "Soft Light ").parts


def test_two_signals_are_not_enough() -> None:
    signals = [*[rated(5, "soft light")] * 2, *[rated(1, "hard flash")] * 9]
    assert not advise(signals).parts


def test_no_difference_is_no_reason_to_add() -> None:
    assert not advise([rated(4, "a"), rated(4, "b")] * 8).parts
    assert not advise([rated(5, "a")] * 20).parts


def test_at_most_two_are_added_the_best_first() -> None:
    signals = [
        *[rated(5, "best")] * 20,
        *[rated(5, "good"), rated(4, "good")] * 8,
        *[rated(5, "fine"), rated(4, "fine")] * 5,
        *[rated(1, "bad")] * 40,
    ]
    assert [added.text for added in advise(signals).parts] == ["best", "good"]


def test_facts_of_the_garment_are_not_learnt() -> None:
    facts = (part("a red dress", PartOrigin.ANALYSIS), part("in silk", PartOrigin.DESIGNER))
    signals = [Given(FeedbackKind.RATING, 5, facts)] * 9 + [rated(1, "hard flash")] * 9
    assert not advise(signals).parts


def test_an_outlier_with_a_rating_counts_double() -> None:
    base = [*[rated(2, "a")] * 5, *[rated(3, "b")] * 5]
    once = advise([*base, rated(5, "a")], "a").reward
    strong = advise([*base, rated(5, "a", kind=FeedbackKind.OUTLIER)], "a").reward
    assert once
    assert strong
    assert strong.mean > once.mean
    assert strong.evidence == once.evidence == 6


def test_the_reward_is_of_prompts_that_share_a_modifier() -> None:
    liked = advise(LIKED, "soft light").reward
    disliked = advise([*[rated(2, "hard flash")] * 6, rated(3, "linen")], "hard flash").reward
    assert liked
    assert disliked
    assert liked.evidence == disliked.evidence == 6
    assert liked.low < liked.mean < liked.high
    assert disliked.mean < 0.5 < liked.mean


def test_a_prompt_unlike_all_others_has_no_reward() -> None:
    assert advise([rated(3, "a")] * 3, "something new").reward is None


def test_more_evidence_narrows_the_interval() -> None:
    few, many = advise([hearts("a")] * 2, "a").reward, advise([hearts("a")] * 50, "a").reward
    assert few
    assert many
    assert many.high - many.low < few.high - few.low


def test_the_order_of_signals_does_not_matter() -> None:
    assert advise(LIKED) == advise(LIKED[::-1])


def test_five_hundred_signals_are_counted_quickly() -> None:
    signals: list[Signal] = [
        rated(1 + i % 5, *(f"modifier {(i * 7 + j) % 40}" for j in range(6))) for i in range(500)
    ]
    begin = perf_counter()
    Counting().advise([part("modifier 1")], signals, 0)
    assert perf_counter() - begin < 1
