from collections.abc import Awaitable, Callable

from pipeline.domain import Asset, AssetKind, GenerationId, Viewer
from pipeline.repositories import PageRequest, Position
from storage.assets import Assets
from storage.database import Executor

Start = Callable[[Viewer], Awaitable[GenerationId]]
Deliver = Callable[[Viewer, GenerationId, AssetKind], Awaitable[Asset]]


async def test_assets_are_their_workspaces_own(
    pool: Executor, viewer: Viewer, stranger: Viewer, start: Start, deliver: Deliver
) -> None:
    generation = await start(viewer)
    asset = await deliver(viewer, generation, AssetKind.GENERATED)
    assets = Assets(pool)
    assert await assets.by_ids(viewer, [asset.id]) == {asset.id: asset}
    assert await assets.by_ids(stranger, [asset.id]) == {}
    assert (await assets.of_generations(stranger, [generation], PageRequest()))[
        generation
    ].items == ()
    assert await assets.counts(stranger, [generation]) == {generation: 0}


async def test_assets_come_oldest_first_in_pages_of_each_run(
    pool: Executor, viewer: Viewer, start: Start, deliver: Deliver
) -> None:
    many, one, none = [await start(viewer) for _ in range(3)]
    made = [await deliver(viewer, many, AssetKind.GENERATED) for _ in range(4)]
    source = await deliver(viewer, one, AssetKind.SOURCE)
    ids = [many, one, none]
    assets = Assets(pool)
    first = await assets.of_generations(viewer, ids, PageRequest(limit=3))
    assert first[many].items == tuple(made[:3])
    assert (first[many].has_next, first[one].has_next) == (True, False)
    assert first[one].items == (source,)
    assert first[none].items == ()
    last = await assets.of_generations(viewer, [many], PageRequest(limit=3, backward=True))
    assert last[many].items == tuple(made[1:])
    assert last[many].has_previous
    after = Position(made[2].created_at, made[2].id)
    rest = await assets.of_generations(viewer, [many], PageRequest(after=after))
    assert rest[many].items == (made[3],)
    assert await assets.counts(viewer, ids) == {many: 4, one: 1, none: 0}
