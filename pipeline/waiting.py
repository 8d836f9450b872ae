"""When runs that wait will start, by what runs like those before them took."""

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from statistics import median
from typing import Final

from pipeline.domain import GenerationMode

FEW: Final = 5
"""So many runs of a kind are needed before its own times count."""

SUPPOSED: Final = (5.0, 15.0, 40.0)
"""Seconds that a run may take while nothing is known."""

_FUTURES: Final = 25
_OVERDUE: Final = 0.1
_ROUNDS: Final = 20
# People submit in bursts: in most stretches of time there are fewer of their runs than on average.
_USUAL: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells how long a run takes, as far as it is known before its start."""

    mode: GenerationMode
    model: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that took so many seconds."""

    kind: Kind
    seconds: float


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has been worked on for so many seconds."""

    kind: Kind
    elapsed: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another user, who submits so many runs a second; the next of them starts in this turn."""

    rate: float
    turn: int


class Experience:
    """What runs took, by kind; a kind that few are known of is judged by those most like it."""

    def __init__(self, past: Iterable[Ended]) -> None:
        self._by_likeness: dict[object, list[float]] = {}
        for run in past:
            for likeness in _likenesses(run.kind):
                self._by_likeness.setdefault(likeness, []).append(run.seconds)
        for times in self._by_likeness.values():
            times.sort()

    def times(self, kind: Kind) -> Sequence[float]:
        """Return what such runs took, in seconds, sorted."""
        known: Sequence[float] = ()
        for likeness in _likenesses(kind):
            known = self._by_likeness.get(likeness, ())
            if len(known) >= FEW:
                return known
        return sorted((*known, *SUPPOSED))


def expected_starts(
    slots: int, begun: Sequence[Begun], waiting: Sequence[Kind], experience: Experience
) -> list[float]:
    """Return in how many seconds each of those `waiting`, in order, starts in the median future.

    Futures are drawn with a seed of their own, so that the same question has the same answer.
    """
    futures = [
        _future(slots, begun, waiting, experience, random.Random(number))  # noqa: S311 - no secret
        for number in range(_FUTURES)
    ]
    return [median(starts) for starts in zip(*futures, strict=True)]


def pace(slots: int, waiting: Sequence[Kind], experience: Experience) -> float:
    """Return how many seconds lie between the starts of two runs, in the long run."""
    means = [sum(times) / len(times) for times in map(experience.times, waiting)]
    return sum(means) / len(means) / slots


def overtaken(wait: float, turn: int, rivals: Sequence[Rival], pace: float) -> float:
    """Return what the wait of a run in this turn becomes by what rivals submit meanwhile.

    Of theirs those go before that get an earlier turn; each takes a slot for `pace` seconds.
    """
    longer = wait
    for _ in range(_ROUNDS):
        before = sum(min(_USUAL * one.rate * longer, max(0, turn - one.turn)) for one in rivals)
        longer = wait + before * pace
    return longer


def _future(
    slots: int,
    begun: Sequence[Begun],
    waiting: Sequence[Kind],
    experience: Experience,
    chance: random.Random,
) -> list[float]:
    """Return when each starts if runs take what some like them took."""
    free = sorted(_remaining(run, experience, chance) for run in begun)
    # Where workers have gone, what they had has first to end in the slots that are left.
    free = [0.0] * (slots - len(free)) + free[max(0, len(free) - slots) :]
    heapify(free)
    starts: list[float] = []
    for kind in waiting:
        start = heappop(free)
        starts.append(start)
        heappush(free, start + chance.choice(experience.times(kind)))
    return starts


def _remaining(run: Begun, experience: Experience, chance: random.Random) -> float:
    times = experience.times(run.kind)
    longer = times[bisect_right(times, run.elapsed) :]
    return chance.choice(longer) - run.elapsed if longer else _OVERDUE * run.elapsed


def _likenesses(kind: Kind) -> tuple[object, ...]:
    """Return what a kind may be judged by, the closest likeness first."""
    return (kind, (kind.mode, kind.model), kind.mode, None)
