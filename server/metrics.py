"""What a Prometheus reads of this process."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from pipeline.faults import Faults
from server.auth import Entrance, Unauthenticated
from server.refusals import refusal
from storage.broadcasts import Pulse
from storage.standing import Standing
from storage.vitals import Backlog

_NAME: Final = "designer_bff"

Ask = Callable[[], Awaitable[Backlog | None]]
"""Return how much waits, or None if that can't be told."""

AskStanding = Callable[[], Awaitable[Standing | None]]
"""Return how runs, providers and money stand, or None if that can't be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings(Collector):
    """Reads, when asked, what the process counts anyway; `subscriptions` are those open now."""

    pulse: Pulse
    pool: asyncpg.Pool
    subscriptions: Callable[[], int]
    faults: Faults = field(default_factory=Faults)

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they are now."""
        yield from self._broadcast()
        yield GaugeMetricFamily(
            f"{_NAME}_subscriptions", "Subscriptions that are open.", self.subscriptions()
        )
        yield from self._connections()
        yield self._failures()

    def _failures(self) -> Metric:
        counter = CounterMetricFamily(
            f"{_NAME}_provider_failures",
            "Calls for an image that made none, of this process.",
            labels=["provider", "code"],
        )
        for labels, count in self.faults.counts.items():
            counter.add_metric(labels, count)
        return counter

    def _broadcast(self) -> Iterator[Metric]:
        pulse = self.pulse
        connected = GaugeMetricFamily(
            f"{_NAME}_broadcast_connected",
            "1 while the broadcast can be heard, 0 while it is lost.",
            labels=["backend"],
        )
        connected.add_metric([pulse.kind], pulse.connected is not False)
        yield connected
        for name, meaning, value in (
            ("reconnects", "How often the broadcast was connected again.", pulse.reconnects),
            ("resyncs", "How often subscribers were told to look for themselves.", pulse.resyncs),
            ("lost", "Messages that found the inbox full; a resync took their place.", pulse.lost),
            ("failed", "Messages that could not be published; they are tried again.", pulse.failed),
        ):
            counter = CounterMetricFamily(f"{_NAME}_broadcast_{name}", meaning, labels=["backend"])
            counter.add_metric([pulse.kind], value)
            yield counter

    def _connections(self) -> Iterator[Metric]:
        idle, size = self.pool.get_idle_size(), self.pool.get_size()
        connections = GaugeMetricFamily(
            f"{_NAME}_database_connections",
            "Connections of the pool to PostgreSQL.",
            labels=["state"],
        )
        connections.add_metric(["idle"], idle)
        connections.add_metric(["used"], size - idle)
        yield connections
        yield GaugeMetricFamily(
            f"{_NAME}_database_connections_limit",
            "How many connections the pool opens at most.",
            self.pool.get_max_size(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Waiting(Collector):
    """The queue, which is the same for each API process."""

    backlog: Backlog

    def collect(self) -> Iterator[Metric]:
        """Give what was found."""
        for name, meaning, value in (
            ("runs_waiting", "Runs that wait for a worker.", self.backlog.waiting),
            ("runs_oldest_seconds", "How long the oldest of them waits.", self.backlog.oldest),
            ("workers", "Workers that are there.", self.backlog.workers),
        ):
            yield GaugeMetricFamily(f"{_NAME}_{name}", meaning, value)


@dataclass(frozen=True, slots=True, eq=False)
class Watched(Collector):
    """Runs, providers and money, which are the same for each API process."""

    standing: Standing

    def collect(self) -> Iterator[Metric]:
        """Give what was found."""
        told = self.standing
        for name, label, meaning, values in (
            ("runs_ended", "status", "Runs that ended in the last hour.", told.ended),
            ("provider_resting", "provider", "1 while it is left alone.", told.resting),
            ("dollars_settled", "provider", "Paid since midnight UTC.", told.settled),
            ("dollars_held", "provider", "For calls of unknown outcome.", told.held),
            ("dollars_reserved", "provider", "For calls under way.", told.reserved),
        ):
            gauge = GaugeMetricFamily(f"{_NAME}_{name}", meaning, labels=[label])
            for value, amount in values.items():
                gauge.add_metric([value], amount)
            yield gauge


class Metrics:
    """Answers whoever may call the API: with a key, or on loopback without one."""

    def __init__(
        self,
        entrance: Entrance,
        readings: Sequence[Collector],
        backlog: Ask | None = None,
        standing: AskStanding | None = None,
    ) -> None:
        self._entrance = entrance
        self._readings = (*readings, ProcessCollector(registry=None))
        self._backlog = backlog
        self._standing = standing

    async def answer(self, request: Request) -> Response:
        """Answer in the format that is asked for, or 401."""
        try:
            await self._entrance.viewer(request.headers.get("authorization"))
        except Unauthenticated as error:
            return refusal(401, error.code, str(error), {"WWW-Authenticate": "Bearer"})
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        headers = {"Content-Type": media_type, "Cache-Control": "no-store"}
        return Response(encode(await self._registry()), headers=headers)

    async def _registry(self) -> CollectorRegistry:
        """Bring together what this answer tells: collectors themselves can't wait."""
        registry = CollectorRegistry()
        for one in self._readings:
            registry.register(one)
        found = await self._backlog() if self._backlog else None
        if found:
            registry.register(Waiting(found))
        stands = await self._standing() if self._standing else None
        if stands:
            registry.register(Watched(stands))
        return registry
