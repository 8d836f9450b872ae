import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import median

import pytest

from pipeline.domain import GenerationMode
from pipeline.waiting import (
    SUPPOSED,
    Begun,
    Ended,
    Experience,
    Kind,
    Rival,
    expected_starts,
    overtaken,
    pace,
)

PHOTO = Kind(GenerationMode.FROM_IMAGE, "imagen-4-ultra", 2)
WORDS = Kind(GenerationMode.FROM_PROMPT, None, 1)
KINDS = [
    PHOTO,
    WORDS,
    Kind(GenerationMode.FROM_PROMPT, "gpt-image-2", 1),
    Kind(GenerationMode.FROM_SPEC, None, 4),
]


def past(kind: Kind, *seconds: float) -> list[Ended]:
    return [Ended(kind, one) for one in seconds]


def test_a_free_slot_is_taken_at_once() -> None:
    assert expected_starts(2, [Begun(WORDS, 3.0)], [WORDS], Experience([])) == [0.0]


def test_what_runs_is_over_in_what_such_runs_have_left() -> None:
    known = Experience(past(WORDS, *[10.0] * 5))
    begun = [Begun(WORDS, 4.0), Begun(WORDS, 1.0)]

    assert expected_starts(2, begun, [WORDS] * 4, known) == [6.0, 9.0, 16.0, 19.0]
    assert pace(2, [WORDS] * 4, known) == 5.0


def test_what_takes_longer_than_any_before_is_about_to_end() -> None:
    known = Experience(past(WORDS, *[10.0] * 5))
    (start,) = expected_starts(1, [Begun(WORDS, 30.0)], [WORDS], known)
    assert 0 < start < 10


def test_runs_beyond_the_slots_that_are_left_end_first() -> None:
    known = Experience(past(WORDS, *[10.0] * 5))
    begun = [Begun(WORDS, elapsed) for elapsed in (8.0, 5.0, 2.0)]
    assert expected_starts(1, begun, [WORDS], known) == [8.0]


def test_few_runs_of_a_kind_are_judged_by_those_most_like_it() -> None:
    known = Experience([*past(PHOTO, 40.0, 41.0), *past(WORDS, 1.0, 1.0, 1.0, 2.0, 3.0)])
    other = Kind(GenerationMode.FROM_PROMPT, None, 4)
    assert known.times(WORDS) == known.times(other) == [1.0, 1.0, 1.0, 2.0, 3.0]
    assert known.times(PHOTO) == [1.0, 1.0, 1.0, 2.0, 3.0, 40.0, 41.0]
    assert Experience([]).times(WORDS) == list(SUPPOSED)
    assert Experience(past(WORDS, 2.0)).times(WORDS) == sorted((2.0, *SUPPOSED))


def test_a_wait_grows_by_what_others_submit_for_earlier_turns() -> None:
    seldom, often, behind = Rival(0.01, 1), Rival(1.0, 7), Rival(1.0, 10)

    assert overtaken(100.0, 10, [], 5.0) == 100.0
    assert overtaken(0.0, 10, [seldom, often], 5.0) == 0.0
    assert overtaken(100.0, 10, [often], 5.0) == 115.0
    assert overtaken(100.0, 10, [behind], 5.0) == 100.0
    assert overtaken(100.0, 10, [seldom], 5.0) == pytest.approx(100 / (1 - 0.05 / 3))


@dataclass
class Shop:
    """Slots that take runs of several users in turn, in a time that stands still between events."""

    slots: int
    chance: random.Random
    clock: float = 0.0
    queues: dict[int, deque[tuple[int, Kind]]] = field(
        default_factory=dict[int, deque[tuple[int, Kind]]]
    )
    turns: deque[int] = field(default_factory=deque[int])
    running: list[tuple[float, float, Kind]] = field(
        default_factory=list[tuple[float, float, Kind]]
    )
    ended: list[Ended] = field(default_factory=list[Ended])
    expected: dict[int, float] = field(default_factory=dict[int, float])
    errors: list[float] = field(default_factory=list[float])
    asked: dict[int, float] = field(default_factory=dict[int, float])
    submitted: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def seconds(self, kind: Kind) -> float:
        """Return what a run takes: language, then the slowest of its images."""
        words = self.chance.uniform(8, 12) if kind.mode is not GenerationMode.FROM_SPEC else 0.5
        return words + max(self.chance.uniform(15, 30) for _ in range(kind.count))

    def order(self) -> list[tuple[int, Kind]]:
        longest = max(map(len, self.queues.values()), default=0)
        return [
            self.queues[user][place]
            for place in range(longest)
            for user in self.turns
            if place < len(self.queues[user])
        ]

    def submit(self, user: int, number: int, kind: Kind) -> None:
        if user not in self.queues:
            self.queues[user] = deque()
            self.turns.append(user)
        self.queues[user].append((number, kind))
        self.submitted.append((self.clock, user))
        self.start()
        order = self.order()
        if (number, kind) in order:
            begun = [Begun(one, self.clock - since) for _, since, one in self.running]
            place = order.index((number, kind))
            waiting: Sequence[Kind] = [one for _, one in order[: place + 1]]
            known = Experience(self.ended[-200:])
            starts = expected_starts(self.slots, begun, waiting, known)
            rivals = [self.rival(one) for one in self.queues if one != user]
            turn, step = len(self.queues[user]) - 1, pace(self.slots, waiting, known)
            self.asked[number] = self.clock
            self.expected[number] = self.clock + overtaken(starts[-1], turn, rivals, step)

    def rival(self, user: int) -> Rival:
        """Return what the last five minutes show of the user."""
        since = max(0.0, self.clock - 300)
        number = sum(at >= since for at, who in self.submitted if who == user)
        return Rival(number / max(60.0, self.clock - since), len(self.queues[user]))

    def start(self) -> None:
        while len(self.running) < self.slots and (order := self.order()):
            number, kind = order[0]
            user = next(user for user in self.turns if (number, kind) in self.queues[user])
            self.queues[user].popleft()
            self.turns.remove(user)
            self.turns.append(user)
            heappush(self.running, (self.clock + self.seconds(kind), self.clock, kind))
            if number in self.expected and len(self.ended) >= 20:
                waited = self.clock - self.asked[number]
                self.errors.append(abs(self.expected[number] - self.clock) / waited)

    def until(self, clock: float) -> None:
        """Let time pass."""
        while self.running and self.running[0][0] <= clock:
            end, since, kind = heappop(self.running)
            self.clock = end
            self.ended.append(Ended(kind, end - since))
            self.start()
        self.clock = clock


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_half_of_the_estimates_are_off_by_no_more_than_a_quarter(seed: int) -> None:
    chance = random.Random(seed)
    shop = Shop(4, chance)
    clock, number = 0.0, 0
    while number < 300:
        clock += chance.expovariate(1 / 30)
        shop.until(clock)
        user, kind = chance.randrange(4), chance.choice(KINDS)
        for _ in range(chance.choice([1, 1, 3, 8])):
            number += 1
            shop.submit(user, number, kind)
    shop.until(clock + 10_000)

    assert len(shop.errors) > 100
    assert median(shop.errors) <= 0.25, f"seed {seed}"
