"""What was recorded and what each client saw of it: every line that does not fit is a sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from storage.database import Executor

LOG = """
select workspace_id::text as workspace, workspace_seq as place, generation_id::text as run, seq,
       kind,
       coalesce(payload ->> 'status', payload #>> '{stage,status}') as status,
       payload #>> '{stage,name}' as stage,
       coalesce(payload ->> 'attempt', payload #>> '{stage,attempt}')::int as attempt
  from generation_events
 order by workspace_id, workspace_seq
"""
# Images are counted where each attempt was asked for one.
STRAYS = """
select s.name || ' of ' || g.id || ' still runs after its end' as said
  from generations g join generation_stages s on s.generation_id = g.id
 where g.status in ('COMPLETED', 'FAILED', 'CANCELLED') and s.status = 'RUNNING'
union all
select 'image ' || s.index || ' of ' || g.id || ' is still made after its end'
  from generations g join generation_slots s on s.generation_id = g.id
 where g.status in ('COMPLETED', 'FAILED', 'CANCELLED') and s.status = 'RUNNING'
union all
select count(*) || ' images are delivered to ' || g.id || ', in ' || g.attempt || ' attempts'
  from generations g join generation_assets a on a.generation_id = g.id and a.kind <> 'SOURCE'
 group by g.id having count(*) > g.attempt
"""
OVER = frozenset({"COMPLETED", "FAILED", "CANCELLED"})
DONE = frozenset({"COMPLETED", "SKIPPED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An event of the log; `place` is its workspace_seq, `status` its run's or its stage's."""

    workspace: str
    place: int
    run: str
    seq: int
    kind: str
    status: str | None = None
    stage: str | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a client was told it; `place` is what its cursor says, in the workspace."""

    run: str
    seq: int
    place: int


@dataclass(frozen=True, slots=True)
class History:
    """All that a client was told of one run, or of its whole workspace, in that order."""

    client: str
    workspace: str
    run: str | None
    seen: list[Seen] = field(default_factory=list[Seen])


async def log_of(database: Executor) -> list[Logged]:
    """Return the whole log."""
    return [Logged(**dict(row)) for row in await database.fetch(LOG)]


async def strays_of(database: Executor) -> list[str]:
    """Return what the records of ended runs say beside that, and must not."""
    return [row["said"] for row in await database.fetch(STRAYS)]


def gaps(log: Iterable[Logged]) -> Iterator[str]:
    """Yield where either numbering does not count 1, 2, 3 and so on."""
    places, seqs = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for event in log:
        places[event.workspace].append(event.place)
        seqs[event.run].append(event.seq)
    for name, numbers in (*places.items(), *seqs.items()):
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the log of {name} counts {_around(numbers)}"


def twice(log: Iterable[Logged]) -> Iterator[str]:
    """Yield stages of which the log says after their end that they run or end again."""
    done = set[tuple[str, str | None, int | None]]()
    for event in log:
        if event.kind == "StageChanged":
            name = (event.run, event.stage, event.attempt)
            if name in done:
                yield f"{event.stage} of {event.run} is {event.status} after its end"
            if event.status in DONE:
                done.add(name)


def afterlives(log: Iterable[Logged]) -> Iterator[str]:
    """Yield what happened to a run after its end, but for a new attempt and its deletion."""
    ended = dict[str, int | None]()
    for event in log:
        status = event.kind == "StatusChanged"
        if event.run in ended and event.kind != "GenerationDeleted":
            last = ended.pop(event.run)
            if not (status and event.status == "PENDING" and (event.attempt or 0) > (last or 0)):
                yield f"{event.kind} of {event.run} after its end"
        if status and event.status in OVER:
            ended[event.run] = event.attempt


def misheard(history: History, log: Iterable[Logged]) -> Iterator[str]:
    """Yield where what a client saw is not what the log says: exactly that, in its order."""
    told = [
        Seen(event.run, event.seq, event.place)
        for event in log
        if event.workspace == history.workspace and history.run in {None, event.run}
    ]
    seen = list(history.seen)
    if seen == told:
        return
    about = f"{history.client} of {history.run or 'all'}:"
    known, heard = set(told), Counter(seen)
    lost = [event for event in told if event not in heard]
    yield from (f"{about} lost {event}" for event in lost[:3])
    yield from (
        f"{about} was told {times} times {one}" for one, times in heard.items() if times > 1
    )
    yield from (f"{about} is no event of the log: {one}" for one in heard if one not in known)
    yield from (
        f"{about} was told {after} after {before}"
        for before, after in pairwise(seen)
        if after.place < before.place
    )
    yield f"{about} {len(seen)} events of {len(told)}, {len(lost)} lost"


def _around(numbers: Sequence[int]) -> str:
    """Show the numbers about the first that does not fit."""
    wrong = next(place for place, number in enumerate(numbers) if number != place + 1)
    return f"{list(numbers[max(0, wrong - 2) : wrong + 3])} at {wrong + 1} of {len(numbers)}"
