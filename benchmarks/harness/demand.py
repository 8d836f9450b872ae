"""What people ask of several servers, again and again until one of them answers."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.harness.client import START
from benchmarks.harness.roaming import User
from schema.ids import generation_id
from storage.accounts import ApiKeys
from storage.database import open_pool
from storage.migrate import migrate

CANCEL = "mutation ($id: ID!) { answer: cancelGeneration(id: $id) { __typename } }"
RETRY = """mutation ($id: ID!, $from: StageName) {
  answer: retryGeneration(id: $id, fromStage: $from) { __typename }
}"""
FROM = (None, "ROUTING", "GENERATION")
PATIENCE = 3.0


async def people(dsn: str, count: int) -> list[User]:
    """Make the tables, the users and their keys."""
    await migrate(dsn)
    users: list[User] = []
    async with open_pool(dsn, max_size=1) as pool:
        keys = ApiKeys(pool)
        for number in range(count):
            _, text = await keys.create(f"user {number}")
            viewer = await keys.viewer_of(text)
            assert viewer is not None
            users.append(User(text, viewer.workspace))
    return users


@dataclass(slots=True)
class Demand:
    """Asks any of `urls`; notes which runs may end as cancelled, and counts what was asked."""

    urls: Sequence[str]
    http: httpx.AsyncClient
    chance: random.Random
    cancelled: set[str] = field(default_factory=set[str])
    retries: int = 0

    async def start(self, user: User, key: str) -> str:
        """Start a run, once however often it takes to get an answer; return its id."""
        settings = {"model": "sketch"}
        given = {"prompt": "a red silk dress", "idempotencyKey": key, "settings": settings}
        data = await self._ask(user, START["FROM_PROMPT"], {"input": given})
        return str(data["started"]["id"])

    async def change_mind(self, user: User, run: str, within: float) -> None:
        """Cancel the run some time, and take that back every other time."""
        await asyncio.sleep(self.chance.uniform(0, within))
        self.cancelled.add(str(generation_id(run)))
        await self._ask(user, CANCEL, {"id": run})
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, 1))
            await self._ask(user, RETRY, {"id": run, "from": self.chance.choice(FROM)})
            self.retries += 1

    async def _ask(self, user: User, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data that a server answers; what is wrong with none of them takes for ever."""
        headers = {"Authorization": f"Bearer {user.key}"}
        request = {"query": query, "variables": variables}
        while True:
            try:
                url = f"{self.chance.choice(self.urls)}/graphql"
                asked = self.http.post(url, json=request, headers=headers, timeout=PATIENCE)
                answer = (await asked).json()
                if not answer.get("errors"):
                    return dict(answer["data"])
            except (httpx.HTTPError, ValueError):
                pass
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
