"""Personas: the built-in ones, and each workspace's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg

from pipeline.domain import Persona, PersonaId, Viewer, WorkspaceId
from pipeline.errors import Conflict, NotFound
from storage.database import Executor
from storage.rows import persona_of

OWN = """
select id, name, description, attributes, created_at from personas
 where workspace_id = $1
 order by created_at, id
"""

CREATE = """
insert into personas (id, workspace_id, user_id, name, description, attributes)
values ($1, $2, $3, $4, $5, $6)
returning id, name, description, attributes, created_at
"""

CHANGE = """
update personas
   set name = $3, description = $4, attributes = coalesce($5, attributes), updated_at = now()
 where id = $1 and workspace_id = $2
returning id, name, description, attributes, created_at
"""

REMOVE = "delete from personas where id = $1 and workspace_id = $2 returning true"


@dataclass(frozen=True, slots=True)
class Personas:
    """`repositories.Personas` and `ports.PersonaShelf` on PostgreSQL, built-in ones first."""

    db: Executor
    built_in: Sequence[Persona]

    async def shelf(self, workspace: WorkspaceId) -> Sequence[Persona]:
        own = map(persona_of, await self.db.fetch(OWN, workspace))
        return [*self.built_in, *own]

    async def all(self, viewer: Viewer) -> Sequence[Persona]:
        return await self.shelf(viewer.workspace)

    async def by_ids(self, viewer: Viewer, ids: Sequence[PersonaId]) -> Mapping[PersonaId, Persona]:
        wanted = set(ids)
        shelf = await self.shelf(viewer.workspace)
        return {persona.id: persona for persona in shelf if persona.id in wanted}

    async def create(
        self, viewer: Viewer, name: str, description: str, attributes: Mapping[str, Any]
    ) -> Persona:
        self._check_free(name)
        try:
            row = await self.db.fetchrow(
                CREATE,
                uuid4(),
                viewer.workspace,
                viewer.user,
                name,
                description,
                dict(attributes),
            )
        except asyncpg.UniqueViolationError as error:
            raise _taken(name) from error
        return persona_of(_existing(row))

    async def update(
        self,
        viewer: Viewer,
        id: PersonaId,
        name: str,
        description: str,
        attributes: Mapping[str, Any] | None,
    ) -> Persona:
        self._check_own(id)
        self._check_free(name)
        given = None if attributes is None else dict(attributes)
        try:
            row = await self.db.fetchrow(CHANGE, id, viewer.workspace, name, description, given)
        except asyncpg.UniqueViolationError as error:
            raise _taken(name) from error
        return persona_of(_existing(row))

    async def delete(self, viewer: Viewer, id: PersonaId) -> None:
        self._check_own(id)
        if not await self.db.fetchval(REMOVE, id, viewer.workspace):
            raise NotFound("There is no such persona.")

    def _check_own(self, id: PersonaId) -> None:
        if any(persona.id == id for persona in self.built_in):
            raise Conflict("A built-in persona can't be changed.", code="BUILT_IN")

    def _check_free(self, name: str) -> None:
        if any(persona.name.lower() == name.lower() for persona in self.built_in):
            raise _taken(name)


def _taken(name: str) -> Conflict:
    return Conflict(f'There is a persona "{name}" already.', code="NAME_TAKEN")


def _existing(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise NotFound("There is no such persona.")
    return row
