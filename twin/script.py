"""The script that says which requests meet which faults."""

from collections.abc import Iterable
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from twin import chance
from twin.faults import Fault, Faults
from twin.requests import Call
from twin.values import Json, JsonObject, as_object

_STRICT = ConfigDict(extra="forbid")
Positive = Annotated[int, Field(ge=1)]


class BadScript(ValueError):
    """The rules can't be read; the message says where and why."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Where:
    """Which requests a rule is about; each is a pattern as for file names, `*` for any."""

    provider: str = "*"
    endpoint: str = "*"
    model: str = "*"
    prompt: str = "*"

    def fits(self, call: Call) -> bool:
        """Say whether the rule is about that request."""
        return (
            fnmatchcase(call.provider, self.provider)
            and fnmatchcase(call.endpoint, self.endpoint)
            and fnmatchcase(call.model, self.model)
            and fnmatchcase(call.prompt.lower(), self.prompt.lower())
        )


@dataclass(frozen=True, slots=True, config=_STRICT)
class When:
    """Which of them: the `next` so many, the ones counted in `on`, a random `share`, or all."""

    next: Positive | None = None
    on: tuple[Positive, ...] = ()
    share: Annotated[float, Field(ge=0, le=1)] | None = None

    def holds(self, nth: int, draw: float) -> bool:
        """Say whether the `nth` of the requests (from 1) is one; `draw` is in [0, 1)."""
        return (
            (self.next is None or nth <= self.next)
            and (not self.on or nth in self.on)
            and (self.share is None or draw < self.share)
        )


@dataclass(frozen=True, slots=True, config=_STRICT)
class Rule:
    """A fault, and the requests that meet it."""

    fault: Annotated[Fault, Field(discriminator="kind")]
    where: Where = field(default_factory=Where)
    when: When = field(default_factory=When)


_RULES = TypeAdapter(tuple[Rule, ...])


def rules_from(text: str | bytes) -> tuple[Rule, ...]:
    """Read rules from JSON; raises `BadScript`."""
    try:
        return _RULES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadScript(f"{place or 'script'}: {first['msg']}") from error


class Script:
    """Rules and how many requests each has met; repeats itself with the same seed."""

    def __init__(self, seed: int, rules: Iterable[Rule] = ()) -> None:
        self._seed = seed
        self._rules: list[Rule] = []
        self._met: list[int] = []
        self._hits: list[int] = []
        self.add(rules)

    def add(self, rules: Iterable[Rule]) -> None:
        """Put rules behind those that are there; each counts from now on."""
        for rule in rules:
            self._rules.append(rule)
            self._met.append(0)
            self._hits.append(0)

    def clear(self) -> None:
        """Forget every rule."""
        self._rules.clear()
        self._met.clear()
        self._hits.clear()

    def take(self, call: Call) -> Faults:
        """Count the request and return the faults that it meets, in the order of the rules."""
        return tuple(
            rule.fault for at, rule in enumerate(self._rules) if self._meets(at, rule, call)
        )

    def shown(self) -> list[Json]:
        """Return the rules as JSON, each with how many requests it met and how many it hit."""
        counts = zip(self._rules, self._met, self._hits, strict=True)
        return [self._row(rule, met, hits) for rule, met, hits in counts]

    def _meets(self, at: int, rule: Rule, call: Call) -> bool:
        if not rule.where.fits(call):
            return False
        self._met[at] += 1
        nth = self._met[at]
        hit = rule.when.holds(nth, chance.share(self._seed, "fault", at, nth))
        self._hits[at] += hit
        return hit

    def _row(self, rule: Rule, met: int, hits: int) -> Json:
        row: JsonObject = as_object(_RULES.dump_python((rule,), mode="json")[0])
        return {**row, "met": met, "hit": hits}
