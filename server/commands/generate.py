"""Take one run through the pipeline from the shell, watch it, and keep what came of it."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.domain import Generation, GenerationStatus
from pipeline.errors import Refused
from pipeline.events import StatusChanged
from resolvers.api import schema
from schema.context import Context
from schema.ids import Kind, global_id
from server import logs
from server.database import reachable
from server.keeping import RECORD, keep, usable
from server.order import RATIOS, Order, read, submitted
from server.progress import Progress
from server.running import interrupted_by_signals
from server.running import run as run_to_end
from server.settings import Settings
from server.studio import at_work
from server.wiring import Foundations, founded, furnished, require_migrated
from storage.accounts import ensure_local_viewer
from storage.jobs import has_worker
from storage.migrate import migrate

HELP = "make images from a photo, a specification or a sentence, and save them"

_FAILED = 1
# The doorbell of a server that is one process rings in that process only.
_POLL_SECONDS = 0.25


def configure(parser: argparse.ArgumentParser) -> None:
    """Take what to start from, and wishes."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--image", metavar="FILE", type=Path, help="photo: JPEG, PNG or WebP")
    source.add_argument("--spec", metavar="FILE", type=Path, help="specification, as JSON")
    source.add_argument("--prompt", metavar="TEXT", help="words; sent as written without --enhance")
    parser.add_argument("--text", help="words beside --image or --spec")
    parser.add_argument("--count", type=int, help="how many images, 1 to 8; without: 1")
    parser.add_argument("--aspect", choices=RATIOS, help="shape of the images; without: 1:1")
    parser.add_argument("--seed", type=int, help="the same one makes the same images again")
    parser.add_argument("--persona", metavar="NAME", help="style; without: the one that fits best")
    parser.add_argument(
        "--enhance",
        action=argparse.BooleanOptionalAction,
        help="put it into fashion terms; without: yes, except for --prompt",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="where to save; without: a new folder here"
    )
    parser.add_argument("--data", metavar="DIR", help="folder of the data (DATA_DIR)")


def run(arguments: argparse.Namespace) -> int:
    """Return 0 once all is saved, 1 if the run came to nothing; Ctrl-C cancels it."""
    named = {"DATA_DIR": arguments.data} if arguments.data else {}
    settings = Settings.from_environ({**os.environ, **named}, Path(".env"))
    order, out = read(arguments), usable(arguments.out or Path())
    with interrupted_by_signals(), reachable(settings) as dsn:
        return run_to_end(_generate(settings, dsn, order, out, into_new=not arguments.out))


async def _generate(
    settings: Settings, dsn: str, order: Order, out: Path, *, into_new: bool
) -> int:
    if settings.direct_url:
        await require_migrated(dsn)
    else:
        await migrate(dsn)
    # What goes well the progress shows.
    quiet = "WARNING" if settings.log_level == "INFO" else settings.log_level
    logs.set_up(replace(settings, log_level=quiet))
    async with (
        founded(settings, dsn, one_process=False) as on,
        furnished(on, poll=_POLL_SECONDS) as library,
    ):
        viewer = await ensure_local_viewer(on.pool)
        context = Context.of(viewer, library)
        run = await submitted(context, order)
        print(f"Run {global_id(Kind.GENERATION, run.id)}", flush=True)
        # Within, so that a worker of ours needn't finish it first; around, while that starts.
        cancelling = partial(_cancelling, context, run)
        async with cancelling(), _worker(on), cancelling():
            end = await _watched(context, run)
        done = await library.generations.get(viewer, run.id)
        folder = out / str(run.id) if into_new else out
        saved = await keep(schema, Context.of(viewer, library), on.objects, run.id, folder)
    for warning in done.facts.warnings if done else ():
        print(f"Warning: {warning}")
    print(f"Saved {len(saved)} of {run.brief.settings.count} images and {RECORD} in {folder}")
    return _status(end)


@asynccontextmanager
async def _cancelling(context: Context, run: Generation) -> AsyncGenerator[None]:
    """Where the body is interrupted, cancel the run; one that is over stays as it is."""
    try:
        yield
    except asyncio.CancelledError:
        with suppress(Refused):
            await context.library.generations.cancel(context.viewer, run.id)
            print("The run is cancelled.", file=sys.stderr)
        raise


@asynccontextmanager
async def _worker(on: Foundations) -> AsyncGenerator[None]:
    """Work here, unless somebody does elsewhere."""
    if await has_worker(on.pool):
        yield
        return
    async with at_work(on):
        yield


async def _watched(context: Context, run: Generation) -> StatusChanged | None:
    """Show the run to its end and return its last status."""
    progress, last = Progress(sys.stdout), None
    async for event in context.library.stream.follow(context.viewer, run.id, None):
        progress.show(event.change)
        if isinstance(event.change, StatusChanged):
            last = event.change
    return last


def _status(end: StatusChanged | None) -> int:
    if end is not None and end.status is GenerationStatus.COMPLETED:
        return 0
    reason = end.failure.message if end and end.failure else "it was cancelled"
    print(f"designer-bff: The run came to nothing: {reason}", file=sys.stderr)
    return _FAILED
