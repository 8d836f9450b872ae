"""What each stage hands on: its checkpoint, with the sentence and the facts that clients see."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.domain import Facts, FinalPrompt, PersonaMatch, PromptPart, Reward, Route
from pipeline.spec import GarmentSpec


class StageResult(Protocol):
    """A stage's result; `summary` is one sentence for a person."""

    @property
    def summary(self) -> str: ...
    @property
    def facts(self) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the photo shows."""

    spec: GarmentSpec
    summary: str
    warnings: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """The spec is settled."""
        return Facts(spec=self.spec, warnings=self.warnings)


@dataclass(frozen=True, slots=True)
class Enhancement:
    """The prompt in fashion terms; the designer's own words are among the parts, unchanged."""

    parts: tuple[PromptPart, ...]
    negative: str | None
    summary: str
    warnings: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """Only warnings: the prompt is settled later."""
        return Facts(warnings=self.warnings)


@dataclass(frozen=True, slots=True)
class PersonaChoice:
    """The matched persona and the prompt parts that carry its style."""

    match: PersonaMatch
    parts: tuple[PromptPart, ...]
    summary: str

    @property
    def facts(self) -> Facts:
        """The persona is settled."""
        return Facts(persona=self.match)


@dataclass(frozen=True, slots=True)
class Routing:
    """The chosen model, and what of the request it can't do."""

    route: Route
    summary: str
    warnings: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """The route is settled."""
        return Facts(route=self.route, warnings=self.warnings)


@dataclass(frozen=True, slots=True)
class Optimization:
    """The prompt with what feedback added to it; reward is None without evidence."""

    prompt: FinalPrompt
    reward: Reward | None
    summary: str

    @property
    def facts(self) -> Facts:
        """The final prompt is settled."""
        return Facts(final_prompt=self.prompt)


@dataclass(frozen=True, slots=True)
class Rendering:
    """How many images were made; the drafts themselves are recorded slot by slot."""

    made: int
    wanted: int
    model: str
    summary: str
    warnings: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """Only warnings."""
        return Facts(warnings=self.warnings)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many images were checked, stored and recorded, and why the others are missing."""

    delivered: int
    wanted: int
    summary: str
    troubles: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """Only what is missing: assets are recorded one by one."""
        return Facts(troubles=self.troubles)
