"""Personas: styles that work can be matched with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from pipeline import domain
from schema import rules
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ids import Kind, global_id
from schema.node import Node

NAME = 80
DESCRIPTION = 2000


@strawberry.type(description="A style that work can be matched with: built in, or the workspace's.")
class Persona(Node):
    """A style that work can be matched with."""

    name: str = strawberry.field(description="Its name, unique in the workspace.")
    description: str = strawberry.field(description="The style in words.")
    attributes: JSON = strawberry.field(
        description="The style in fields: aesthetic, palette, patterns, fabrics, silhouettes, "
        "keywords, and whatever else was given."
    )
    built_in: bool = strawberry.field(
        description="Whether it comes with the product; then it can be neither changed nor deleted."
    )
    created_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def from_domain(cls, persona: domain.Persona) -> Self:
        return cls(
            id=global_id(Kind.PERSONA, persona.id),
            name=persona.name,
            description=persona.description,
            attributes=JSON(dict(persona.attributes)),
            built_in=persona.built_in,
            created_at=persona.created_at,
        )


@strawberry.type(description="The persona that was matched with a generation, as it was then.")
class PersonaMatch:
    """The persona that was matched with a generation."""

    persona: Persona = strawberry.field(description="The persona.")
    score: float = strawberry.field(description="How well it fits, in 0..1.")
    reason: str = strawberry.field(description="Why it was chosen.")

    @classmethod
    def from_domain(cls, match: domain.PersonaMatch) -> Self:
        return cls(
            persona=Persona.from_domain(match.persona), score=match.score, reason=match.reason
        )


@dataclass(frozen=True, slots=True)
class PersonaDraft:
    """A persona that was checked; without `attributes` they stay as they are."""

    name: str
    description: str
    attributes: Mapping[str, Any] | None


@strawberry.input(description="A persona to be.")
class PersonaInput:
    """A persona to be."""

    name: str = strawberry.field(description="1 to 80 characters, not taken in the workspace.")
    description: str = strawberry.field(description="The style in words, 1 to 2000 characters.")
    attributes: JSON | None = strawberry.field(
        default=None,
        description="An object of at most 16 KB. Left out: empty for a new persona, unchanged for "
        "an old one.",
    )

    def to_domain(self) -> PersonaDraft:
        given = self.attributes
        return PersonaDraft(
            name=rules.text(self.name, "name", NAME).strip(),
            description=rules.text(self.description, "description", DESCRIPTION).strip(),
            attributes=None if given is None else rules.json_object(given, "attributes"),
        )


PersonaResult = Annotated[
    Persona | InvalidInput | NotFound | Conflict,
    strawberry.union("PersonaResult", description="The persona, or why there is none."),
]
