from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from pipeline.domain import Persona, PersonaId, Viewer
from pipeline.errors import Conflict, NotFound
from storage.personas import Personas

BUILT_IN = Persona(
    id=PersonaId(uuid4()),
    name="Minimalist",
    description="Less.",
    attributes={"keywords": ["clean"]},
    built_in=True,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def personas(pool: asyncpg.Pool) -> Personas:
    return Personas(pool, (BUILT_IN,))


async def test_built_in_personas_come_before_the_workspaces_own(
    personas: Personas, viewer: Viewer, stranger: Viewer
) -> None:
    own = await personas.create(viewer, "Mine", "More.", {"palette": ["red"]})
    assert list(await personas.all(viewer)) == [BUILT_IN, own]
    assert list(await personas.shelf(stranger.workspace)) == [BUILT_IN]
    ids = [BUILT_IN.id, own.id]
    assert await personas.by_ids(viewer, ids) == {BUILT_IN.id: BUILT_IN, own.id: own}
    assert await personas.by_ids(stranger, ids) == {BUILT_IN.id: BUILT_IN}


async def test_an_update_keeps_attributes_that_are_not_given(
    personas: Personas, viewer: Viewer
) -> None:
    own = await personas.create(viewer, "Mine", "More.", {"palette": ["red"]})
    renamed = await personas.update(viewer, own.id, "MINE", "Less.", None)
    assert (renamed.name, renamed.attributes) == ("MINE", {"palette": ["red"]})
    emptied = await personas.update(viewer, own.id, "MINE", "Less.", {})
    assert emptied.attributes == {}


async def test_names_are_taken_once_in_a_workspace(
    personas: Personas, viewer: Viewer, stranger: Viewer
) -> None:
    await personas.create(viewer, "Mine", "x", {})
    second = await personas.create(viewer, "Second", "x", {})
    await personas.create(stranger, "Mine", "x", {})
    for name in ("mine", "MINIMALIST"):
        with pytest.raises(Conflict):
            await personas.create(viewer, name, "x", {})
        with pytest.raises(Conflict):
            await personas.update(viewer, second.id, name, "x", {})


async def test_built_in_and_foreign_personas_stay_as_they_are(
    personas: Personas, viewer: Viewer, stranger: Viewer
) -> None:
    own = await personas.create(viewer, "Mine", "x", {})
    with pytest.raises(Conflict):
        await personas.update(viewer, BUILT_IN.id, "New", "x", {})
    with pytest.raises(Conflict):
        await personas.delete(viewer, BUILT_IN.id)
    with pytest.raises(NotFound):
        await personas.update(stranger, own.id, "New", "x", {})
    with pytest.raises(NotFound):
        await personas.delete(stranger, own.id)
    await personas.delete(viewer, own.id)
    assert list(await personas.all(viewer)) == [BUILT_IN]
