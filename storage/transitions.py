"""Changes of a run's stages, each with its event in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from pipeline.domain import Facts, Failure, Run, StageName, StageStatus
from pipeline.errors import ClaimLost
from pipeline.events import StageProgress
from storage.codec import encode
from storage.database import Executor
from storage.events import HEAD, WRITTEN, composed

# Each part waits for what it selects from, so the row of the run is locked first and the head of
# its workspace last, as everywhere. While that row was waited for, others may have changed what
# this statement saw: an update looks again at a row that it finds changed.
_HELD = """
held as (
  select id, last_seq from generations
   where id = $1 and claim = $2 and status = 'PROCESSING' for update)
"""

_BEGUN = """
stage as (
  update generation_stages s
     set status = 'RUNNING', attempt = $4, started_at = clock_timestamp(), finished_at = null,
         error = null
    from held
   where s.generation_id = held.id and s.name = $3 and s.status not in ('COMPLETED', 'SKIPPED')
  returning s.*)
"""

_ENDED = """
stage as (
  update generation_stages s
     set status = $5, attempt = $4, finished_at = clock_timestamp(), summary = $6, output = $7,
         error = $8
    from held
   where s.generation_id = held.id and s.name = $3 and s.status <> $5
  returning s.*)
"""

# As `encode` has it of a `StageChanged`.
_CHANGED = """
change as (
  select 'StageChanged' as kind,
         jsonb_build_object('stage', jsonb_build_object(
           'name', name, 'status', status, 'attempt', attempt, 'started_at',
           to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'finished_at',
           to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'summary', summary, 'output', output, 'failure', error)) as payload
    from stage)
"""
# It is told again where the answer to the first telling was lost.
_PROGRESS = """
change as (
  select 'StageProgress' as kind, $4::jsonb as payload
    from held
   where not exists (
     select from generation_events as last
      where last.generation_id = held.id and last.seq = held.last_seq and last.payload = $4::jsonb))
"""

_COUNTED = """
run as (
  update generations g set last_seq = g.last_seq + 1, updated_at = clock_timestamp()
    from change
   where g.id = $1
  returning g.id, g.workspace_id, g.last_seq)
"""

# What is searched for is made of the facts, so that a row with new ones takes longer to write.
_SETTLED = """
run as (
  update generations g
     set last_seq = g.last_seq + 1, updated_at = clock_timestamp(),
         pipeline_data = g.pipeline_data || facts.known || jsonb_build_object(
           'troubles', coalesce(g.pipeline_data -> 'troubles', '[]') || facts.troubles,
           'warnings', (
             select coalesce(jsonb_agg(warning order by place), '[]')
               from (select warning, min(place) as place
                       from jsonb_array_elements_text(
                              coalesce(g.pipeline_data -> 'warnings', '[]') || facts.warnings)
                            with ordinality as given (warning, place)
                      group by warning) as once))
    from change cross join facts
   where g.id = $1
  returning g.id, g.workspace_id, g.last_seq)
"""
_WITH_ENDING = """
facts as (select $9::jsonb as known, $10::jsonb as warnings, $11::jsonb as troubles)
"""
_WITH_PROGRESS = """
facts as (select '{}'::jsonb as known, '[]'::jsonb as warnings, $3::jsonb as troubles)
"""

_POSITION = """
answer as (select exists (select from held) as held, (select seq from head) as position)
"""
_STANDING = """
answer as (
  select exists (select from held) as held, (select seq from head) as position, status, summary,
         output
    from generation_stages where generation_id = $1 and name = $3)
"""

BEGIN = composed(_HELD, _BEGUN, _CHANGED, _COUNTED, HEAD, WRITTEN, _STANDING)
END = composed(_HELD, _ENDED, _CHANGED, _COUNTED, HEAD, WRITTEN, _POSITION)
SETTLE = composed(_HELD, _ENDED, _CHANGED, _WITH_ENDING, _SETTLED, HEAD, WRITTEN, _POSITION)
NOTE = composed(_HELD, _PROGRESS, _WITH_PROGRESS, _SETTLED, HEAD, WRITTEN, _POSITION)

_OVER: Final = (StageStatus.COMPLETED, StageStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Over:
    """What came of a stage that is over: its checkpoint, or why there is none."""

    status: StageStatus
    summary: str
    output: Any


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stage ends: with a checkpoint and what it settles, with a failure, or with neither."""

    status: StageStatus
    summary: str
    output: Any = None
    facts: Facts | None = None
    failure: Failure | None = None


async def begin(db: Executor, run: Run, name: StageName) -> int | Over:
    """Have the stage run and return its event's workspace_seq, unless it is over.

    Raises `ClaimLost` once superseded.
    """
    while True:
        row = await db.fetchrow(BEGIN, run.id, run.claim, name, run.attempt)
        if row is None or not row["held"]:
            raise ClaimLost(run.id)
        if row["position"] is not None:
            position: int = row["position"]
            return position
        # What ended while the row was waited for is seen at the next look.
        if row["status"] in _OVER:
            return Over(StageStatus(row["status"]), row["summary"], row["output"])


async def end(db: Executor, run: Run, name: StageName, ending: Ending) -> int | None:
    """End the stage and return its event's workspace_seq; None where it had ended like that.

    Raises `ClaimLost` once superseded.
    """
    error = None if ending.failure is None else encode(ending.failure)
    how = (run.attempt, ending.status, ending.summary, ending.output, error)
    known, *told = _parts(ending.facts)
    if known or any(told):
        row = await db.fetchrow(SETTLE, run.id, run.claim, name, *how, known, *told)
    else:
        row = await db.fetchrow(END, run.id, run.claim, name, *how)
    return _position(run, row)


async def note(db: Executor, run: Run, trouble: str, progress: StageProgress) -> int | None:
    """Keep the trouble and return the workspace_seq of the event that tells of it.

    Raises `ClaimLost` once superseded.
    """
    row = await db.fetchrow(NOTE, run.id, run.claim, [trouble], encode(progress))
    return _position(run, row)


def _position(run: Run, row: asyncpg.Record | None) -> int | None:
    if row is None or not row["held"]:
        raise ClaimLost(run.id)
    position: int | None = row["position"]
    return position


def _parts(facts: Facts | None) -> tuple[dict[str, Any], Sequence[str], Sequence[str]]:
    """Return what is known, the warnings, and the troubles, as JSON."""
    known = {} if facts is None else {key: one for key, one in encode(facts).items() if one}
    return known, known.pop("warnings", []), known.pop("troubles", [])
