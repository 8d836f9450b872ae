"""Outlines in centimetres: written as SVG paths, mirrored, bent and measured."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

Point = tuple[float, float]
Bend = Callable[[Point], Point]

_TOKEN = re.compile(r"[MLCQZ]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Segment:
    """One command of a path with its absolute points."""

    command: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def __or__(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Path:
    """A line or an outline; x grows to the right, y downwards, x = 0 is the centre line."""

    segments: tuple[Segment, ...]

    def __str__(self) -> str:
        return "".join(
            segment.command + " ".join(f"{x:.2f},{y:.2f}" for x, y in segment.points)
            for segment in self.segments
        )

    def bent(self, bend: Bend) -> "Path":
        """Return the path with every point moved by `bend`, which should be smooth."""
        return Path(tuple(Segment(s.command, tuple(map(bend, s.points))) for s in self.segments))

    def mirrored(self) -> "Path":
        return self.bent(lambda p: (-p[0], p[1]))

    def points(self) -> Iterator[Point]:
        """Walk along the path in small steps."""
        here = (0.0, 0.0)
        for segment in self.segments:
            if not segment.points:
                continue
            if segment.command in "ML":
                yield segment.points[0]
            else:
                for step in range(1, _STEPS + 1):
                    yield _at((here, *segment.points), step / _STEPS)
            here = segment.points[-1]

    @property
    def box(self) -> Box:
        across, down = zip(*self.points(), strict=True)
        return Box(min(across), min(down), max(across), max(down))

    @property
    def area(self) -> float:
        """Square centimetres inside, for an outline that does not cross itself."""
        points = list(self.points())
        pairs = zip(points, [*points[1:], points[0]], strict=True)
        return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def path(text: str) -> Path:
    """Read absolute M, L, Q, C and Z commands; a command's letter may stand for several."""
    segments: list[Segment] = []
    tokens = _TOKEN.findall(text)
    command, place = "M", 0
    while place < len(tokens):
        if tokens[place] in _POINTS:
            command, place = tokens[place], place + 1
        count = 2 * _POINTS[command]
        numbers = [float(token) for token in tokens[place : place + count]]
        segments.append(Segment(command, tuple(zip(numbers[::2], numbers[1::2], strict=True))))
        place += count
    return Path(tuple(segments))


def whole(half: str) -> Path:
    """Close the right half of an outline, from centre to centre, with its mirror image."""
    return uneven(half, half)


def uneven(right: str, left: str) -> Path:
    """Close an outline whose halves differ; both are written as if for the right side."""
    back = _backwards(path(left).mirrored())
    return Path((*path(right).segments, *back, Segment("Z", ())))


def polygon(points: Iterable[Point]) -> Path:
    """Close a straight line through points."""
    first, *rest = (Segment("L", (point,)) for point in points)
    return Path((Segment("M", first.points), *rest, Segment("Z", ())))


def within(outline: Path, top: float, bottom: float) -> Path:
    """Return the part of an outline between two heights."""
    points = list(outline.points())
    for sign, limit in ((1, bottom), (-1, -top)):
        points = list(_below(points, sign, limit))
    return polygon(points or [outline.box.centre])


def _below(points: list[Point], sign: int, limit: float) -> Iterator[Point]:
    """Walk around the points whose signed height is at most the limit."""
    for (x0, y0), (x1, y1) in zip([points[-1], *points], points, strict=False):
        over0, over1 = sign * y0 > limit, sign * y1 > limit
        if over0 != over1:
            part = (sign * limit - y0) / (y1 - y0)
            yield x0 + (x1 - x0) * part, sign * limit
        if not over1:
            yield x1, y1


def _backwards(line: Path) -> Iterator[Segment]:
    starts = [segment.points[-1] for segment in line.segments]
    for start, segment in zip(starts[-2::-1], line.segments[:0:-1], strict=True):
        yield Segment(segment.command, (*segment.points[-2::-1], start))


def _at(controls: tuple[Point, ...], part: float) -> Point:
    def halve(points: tuple[Point, ...], _: object) -> tuple[Point, ...]:
        return tuple(
            (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in pairwise(points)
        )

    return reduce(halve, controls[1:], controls)[0]
