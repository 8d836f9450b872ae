"""A learner that counts: which style modifiers were in what the designer liked.

Each piece of feedback has a reward in 0..1; a modifier's belief is a Beta distribution that starts
at the designer's usual reward and moves with every reward of a prompt that had the modifier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from pipeline.domain import FeedbackKind, PartOrigin, PromptPart, Reward
from pipeline.learning.beta import quantile
from pipeline.ports import Signal

LEARNABLE = frozenset({PartOrigin.ENHANCEMENT, PartOrigin.PERSONA, PartOrigin.LEARNER})
"""Whose parts are style; what the garment is, is a fact and not for learning."""

_PRIOR = 4.0
"""How many signals' weight the usual reward has in each belief."""

_UNKNOWN = 0.5
_CLEARLY = 0.03
# Nobody marks an image as standing out by the way.
_STRONG = 2.0


@dataclass(frozen=True, slots=True)
class CountedAdvice:
    """`ports.Advice` with what was counted."""

    parts: tuple[PromptPart, ...]
    reward: Reward | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reward in 0..1, its weight, and the modifiers that the prompt had."""

    reward: float
    weight: float
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counting:
    """Adds at most `most` modifiers, each seen `enough` times and clearly better than usual."""

    enough: int = 3
    most: int = 2

    def advise(
        self, parts: Sequence[PromptPart], signals: Sequence[Signal], seed: int
    ) -> CountedAdvice:
        """Choose by counting alone: `seed` draws nothing, the same signals give the same advice."""
        del seed
        outcomes = [found for signal in signals if (found := outcome(signal))]
        if not outcomes:
            return CountedAdvice((), None, "There is no feedback to learn from yet")
        texts = {_key(part.text): part.text for signal in signals for part in signal.parts}
        present = {_key(part.text) for part in parts}
        usual = _mean(outcomes, _UNKNOWN)
        tried = {key for one in outcomes for key in one.modifiers} - present
        better = [
            (-believed.mean, key, believed)
            for key in tried
            if (believed := self._better(key, outcomes, usual))
        ]
        chosen = sorted(better, key=itemgetter(0, 1))[: self.most]
        added = tuple(_part(texts[key], believed, usual) for _, key, believed in chosen)
        mine = {_key(part.text) for part in parts if part.origin in LEARNABLE}
        reward = _belief(_sharing(outcomes, mine | {key for _, key, _ in chosen}), usual)
        return CountedAdvice(added, reward, _reason(added, len(outcomes), usual))

    def _better(self, key: str, outcomes: Sequence[Outcome], usual: float) -> Reward | None:
        """Return the belief in a modifier where even its low end is clearly above what's usual."""
        with_it = _sharing(outcomes, {key})
        if len(with_it) < self.enough or _mean(with_it, usual) <= usual:
            return None
        believed = _belief(with_it, usual)
        return believed if believed and believed.low > usual + _CLEARLY else None


def outcome(signal: Signal) -> Outcome | None:
    """Return what a signal tells, None where it tells nothing about the prompt's modifiers.

    PREFERRED compares two images of one prompt; COMMENT is words; OUTLIER without a rating is
    what the designer took for unrepresentative.
    """
    modifiers = frozenset(_key(part.text) for part in signal.parts if part.origin in LEARNABLE)
    if signal.kind is FeedbackKind.HEART:
        return Outcome(1.0, 1.0, modifiers)
    if signal.rating is None or signal.kind not in (FeedbackKind.RATING, FeedbackKind.OUTLIER):
        return None
    weight = _STRONG if signal.kind is FeedbackKind.OUTLIER else 1.0
    return Outcome((signal.rating - 1) / 4, weight, modifiers)


def _sharing(outcomes: Sequence[Outcome], modifiers: set[str]) -> list[Outcome]:
    return [one for one in outcomes if one.modifiers & modifiers]


def _mean(outcomes: Sequence[Outcome], prior: float) -> float:
    """Return the weighted mean reward, drawn towards `prior` as if by one more signal."""
    weight = sum(one.weight for one in outcomes)
    return (prior + sum(one.weight * one.reward for one in outcomes)) / (1 + weight)


def _belief(outcomes: Sequence[Outcome], usual: float) -> Reward | None:
    """Return the Beta posterior's mean and 80 % interval."""
    if not outcomes:
        return None
    a = _PRIOR * usual + sum(one.weight * one.reward for one in outcomes)
    b = _PRIOR * (1 - usual) + sum(one.weight * (1 - one.reward) for one in outcomes)
    return Reward(
        mean=round(a / (a + b), 4),
        low=round(quantile(0.1, a, b), 4),
        high=round(quantile(0.9, a, b), 4),
        evidence=len(outcomes),
    )


def _part(text: str, believed: Reward, usual: float) -> PromptPart:
    reason = (
        f"In {believed.evidence} rated results it earned {believed.mean:.2f}, "
        f"where {usual:.2f} is usual"
    )
    return PromptPart(text, PartOrigin.LEARNER, reason)


def _reason(added: Sequence[PromptPart], signals: int, usual: float) -> str:
    counted = f"{signals} piece{'' if signals == 1 else 's'} of feedback, {usual:.2f} is usual"
    if not added:
        return f"No modifier is clearly better than the others yet ({counted})"
    names = " and ".join(f'"{part.text}"' for part in added)
    return f"Added {names}, clearly better than usual ({counted})"


def _key(text: str) -> str:
    return text.strip().casefold()
