"""What it costs to send an event to many sockets, beside graphql-yoga and plain Strawberry.

    ./dev bench fanout

A server runs on one core; the load, and the PostgreSQL that our events go through, on the other.
The other servers have their events in memory: they come through a pipe, a line for all that
happens at once. All answer the same subscription over graphql-transport-ws. Each server is new in
every round, and each part is gone through once before it is measured.

many_runs: 1,000 sockets, each on a run of its own, 20 events a run, one every 0.05 s.
one_run: 1,000 sockets of one viewer on one run, likewise.
crowd: 5,000 sockets on 1,000 runs, an event of each run a second, ours alone.

Prints the processor time of the server's process for one delivery: ours in microseconds
(many_runs_us, one_run_us), over yoga's in the same round (many_runs_over_yoga,
one_run_over_yoga), and what the others take; postgres_us, what PostgreSQL takes besides, and
offered_per_s, how many deliveries a second it let the load offer to ours; one_run_p99_ms from an
event's offer to its arrival; kb_per_connection, by which the resident memory of ours grew for each
socket of many_runs; and lost, the deliveries of ours that were lost, repeated or out of order, of
all parts. They are medians of the rounds, but for the last.
Targets: 1.0 and 0.6 times yoga; 45 KB; 0.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from statistics import median
from uuid import uuid4

import uvloop

from benchmarks.harness.contenders import Contender, ours, strawberry, yoga
from benchmarks.harness.figures import machine, percentile, report
from benchmarks.harness.passes import (
    Feeder,
    Load,
    Outcome,
    feeding,
    gone_through,
    listening,
    prepared,
)
from benchmarks.harness.pinning import cores, pin, rss_kb
from benchmarks.harness.watchers import watching

Starting = Callable[[], AbstractContextManager[Contender]]
Samples = defaultdict[str, list[float]]

PARTS = ("many_runs", "one_run", "crowd")
PEERS: dict[str, Starting] = {"yoga": yoga, "strawberry": strawberry}
USER = "00000000-0000-4000-8000-000000000001"
WORKSPACE = "00000000-0000-4000-8000-000000000002"
WARM_SOCKETS = 20


@dataclass(frozen=True, slots=True)
class Size:
    """So many sockets on so many runs; a run has an event every `interval` seconds."""

    sockets: int
    runs: int
    events: int
    interval: float


@dataclass(slots=True)
class Sitting:
    """The parts on one server, and how many subscriptions it has had."""

    server: Contender
    feeder: Feeder
    subscriptions: int = 0

    async def part(self, size: Size, *, warmed: bool = True) -> tuple[Outcome, float]:
        """Return the outcome of a part, and the kilobytes for each socket before it."""
        load = await self._load(size)
        runs = list(load.names.values())
        before = rss_kb(self.server.pid)
        chosen = [runs[number % len(runs)] for number in range(size.sockets)]
        async with watching(self.server.url, chosen) as watchers:
            self.subscriptions += size.sockets
            await listening(self.server, watchers, self.subscriptions)
            grown = (rss_kb(self.server.pid) - before) / size.sockets
            if warmed:
                await gone_through(self.server, self.feeder, watchers, load)
            gc.collect()
            return await gone_through(self.server, self.feeder, watchers, load), grown

    async def _load(self, size: Size) -> Load:
        runs = [str(uuid4()) for _ in range(size.runs)]
        names = {run: _global_id(run) for run in runs}
        load = Load({WORKSPACE: runs}, names, size.events, size.interval)
        await prepared(self.server, self.feeder, USER, load)
        return load


def _global_id(run: str) -> str:
    return urlsafe_b64encode(f"Generation:{run}".encode()).rstrip(b"=").decode()


async def sitting(server: Contender, sizes: dict[str, Size], broadcast: str) -> Samples:
    """Go through the parts on a new server."""
    taken = Samples(list)
    async with feeding(server, broadcast) as feeder:
        here = Sitting(server, feeder)
        await here.part(Size(WARM_SOCKETS, WARM_SOCKETS, 10, 0.01))
        for part, size in sizes.items():
            outcome, grown = await here.part(size, warmed=part != "crowd")
            print(f"{server.name:10} {part:9} {_told(outcome)}", file=sys.stderr, flush=True)
            taken[f"{part}_us"].append(outcome.us)
            taken[f"{part}_p99_ms"].append(percentile(outcome.waits or [0.0], 0.99) * 1000)
            taken[f"{part}_kb"].append(grown)
            taken[f"{part}_offered_per_s"].append(outcome.offered)
            taken[f"{part}_postgres_us"].append(outcome.postgres / max(1, outcome.deliveries) * 1e6)
            taken["lost"].append(outcome.wrong)
    return taken


def _told(outcome: Outcome) -> str:
    return (
        f"{outcome.deliveries:6} in {outcome.took:5.2f} s, {outcome.offered:5.0f}/s offered, "
        f"{outcome.us:6.1f} us, p99 {percentile(outcome.waits or [0.0], 0.99) * 1000:6.1f} ms, "
        f"lost {outcome.lost}, repeated {outcome.repeated}, disordered {outcome.disordered}"
    )


def run_round(
    servers: dict[str, Starting], sizes: dict[str, Size], broadcast: str
) -> dict[str, Samples]:
    """Go through the parts on each of the servers, one after the other."""
    taken: dict[str, Samples] = {}
    for name, starting in servers.items():
        with starting() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            taken[name] = runner.run(sitting(server, sizes, broadcast))
    return taken


def compared(rounds: Sequence[dict[str, Samples]], parts: Sequence[str]) -> dict[str, float]:
    """Return the medians, ratios within a round first."""
    figures: dict[str, float] = {}

    def note(name: str, values: Sequence[float], digits: int) -> None:
        figures[name] = round(median(values), digits)

    for part in parts:
        key = f"{part}_us"
        note(key, [one["ours"][key][0] for one in rounds], 1)
        for peer in (peer for peer in PEERS if peer in rounds[0]):
            note(f"{part}_{peer}_us", [one[peer][key][0] for one in rounds], 1)
            ratios = [one["ours"][key][0] / one[peer][key][0] for one in rounds]
            note(f"{part}_over_{peer}", ratios, 3)
        for figure, digits in (("p99_ms", 1), ("postgres_us", 1), ("offered_per_s", 0)):
            name = f"{part}_{figure}"
            note(name, [one["ours"][name][0] for one in rounds], digits)
    return figures


def measure(given: argparse.Namespace) -> dict[str, float | int | str | None]:
    """Measure in rounds; the crowd comes once, after them."""
    own = partial(ours, {"BROADCAST_URL": given.broadcast})
    servers: dict[str, Starting] = {"ours": own}
    servers |= {name: PEERS[name] for name in given.beside or PEERS if name in PEERS}
    many = Size(given.sockets, given.sockets, given.events, given.interval)
    sizes = {"many_runs": many, "one_run": Size(given.sockets, 1, given.events, given.interval)}
    sizes = {part: size for part, size in sizes.items() if part in (given.part or PARTS)}
    rounds = [
        run_round(servers, sizes, given.broadcast) for _ in range(given.rounds if sizes else 0)
    ]
    figures = compared(rounds, list(sizes)) if rounds else {}
    lost = sum(sum(one["ours"]["lost"]) for one in rounds)
    if "many_runs" in sizes:
        for name in servers:
            grown = [one[name]["many_runs_kb"][0] for one in rounds]
            figures["kb_per_connection" + f"_{name}" * (name != "ours")] = round(median(grown), 1)
    if "crowd" in (given.part or PARTS):
        crowd = Size(given.crowd, min(given.crowd, 1000), given.crowd_events, 1.0)
        taken = run_round({"ours": own}, {"crowd": crowd}, given.broadcast)["ours"]
        lost += sum(taken["lost"])
        figures["crowd_us"] = round(taken["crowd_us"][0], 1)
        figures["crowd_kb"] = round(taken["crowd_kb"][0], 1)
    return {**figures, "lost": int(lost)}


def main() -> int:
    """Measure with processes of our own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    parser.add_argument(
        "--beside", choices=(*PEERS, "nothing"), action="append", help="only this; may be repeated"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sockets", type=int, default=1000, help="of many_runs and one_run")
    parser.add_argument("--events", type=int, default=20, help="of a run")
    parser.add_argument("--interval", type=float, default=0.05, help="seconds between them")
    parser.add_argument("--crowd", type=int, default=5000, help="sockets of crowd")
    parser.add_argument("--crowd-events", type=int, default=10, help="of a run of crowd")
    parser.add_argument("--broadcast", default="postgres://", help="BROADCAST_URL of ours")
    given = parser.parse_args()
    began = time.monotonic()
    pin(os.getpid(), cores()[1])
    figures = measure(given)
    took = round(time.monotonic() - began, 1)
    report({**machine(), "sockets": given.sockets, **figures, "seconds": took})
    return 1 if figures["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
