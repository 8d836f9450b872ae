"""An API with a worker beside it, and the twin of its providers behind it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain import StageName
from pipeline.markets import Retired
from resolvers.api import schema
from schema.context import Context
from schema.library import Library
from server.settings import Settings
from server.studio import at_work
from server.wiring import founded, furnished
from storage.accounts import LOCAL
from twin.config import OPENAI_KEY, REPLICATE_TOKEN, Config, Latency
from twin.serving import Running, running

START = """mutation ($input: GenerateFromPromptInput!) { it: generateFromPrompt(input: $input) {
  __typename
  ... on Generation { id }
  ... on UserError { code message }
  ... on ModelUnavailable { successor { key } }
} }"""
FOUND = """query ($id: ID!) { generation(id: $id) {
  status cost warnings error { code message retryable charged }
  route { model { key } }
  charges { state amount model { key } }
  images { status cost error { code } asset { model { key } width height revisedPrompt } }
} }"""
WATCHED = """subscription ($id: ID!) { it: generationEvents(id: $id) {
  __typename
  ... on StatusChanged { status }
  ... on StageProgress { name message slot error { code charged } }
  ... on AssetCreated { slot }
} }"""


@dataclass
class Studio:
    """An API with a worker beside it and the twin behind it."""

    library: Library
    twin: Running

    async def ask(self, query: str, **variables: Any) -> Any:
        answer = await schema.execute(
            query, variable_values=variables, context_value=Context.of(LOCAL, self.library)
        )
        assert answer.errors is None, answer.errors
        assert answer.data is not None
        return answer.data

    async def start(self, **settings: Any) -> Any:
        given = {"prompt": "a red silk gown", "settings": settings}
        return (await self.ask(START, input=given))["it"]

    async def made(self, **settings: Any) -> Any:
        """Return the run once it is over."""
        started = await self.start(**settings)
        assert started["__typename"] == "Generation", started
        async with asyncio.timeout(60):
            while True:
                run = (await self.ask(FOUND, id=started["id"]))["generation"]
                if run["status"] in ("COMPLETED", "FAILED"):
                    return run
                await asyncio.sleep(0.05)

    async def watched(self, generation: str) -> AsyncGenerator[dict[str, Any]]:
        """Yield the run's events as they come, to its end."""
        context = Context.of(LOCAL, self.library)
        results = await schema.subscribe(
            WATCHED, variable_values={"id": generation}, context_value=context
        )
        async with asyncio.timeout(60):
            async for result in results:
                assert result.errors is None, result.errors
                assert result.data is not None
                yield result.data["it"]

    @property
    def billed(self) -> list[Mapping[str, object]]:
        return [row for row in self.twin.twin.bill.rows() if isinstance(row, dict)]


@asynccontextmanager
async def studio(
    dsn: str,
    folder: Path,
    retired: Retired = Retired.REFUSE,
    *,
    serve_retired: bool = False,
    deadlines: Mapping[StageName, int] | None = None,
) -> AsyncGenerator[Studio]:
    config = Config(
        bill=folder / "bill.jsonl", latency=Latency(scale=0), serve_retired=serve_retired
    )
    async with running(config) as twin:
        settings = Settings(
            data_dir=folder,
            replicate_api_token=REPLICATE_TOKEN,
            replicate_base_url=twin.replicate,
            openai_api_key=OPENAI_KEY,
            openai_base_url=twin.openai,
            retired_models=retired,
            stage_deadline_seconds=deadlines or {},
        )
        async with (
            founded(settings, dsn, one_process=True) as on,
            furnished(on) as library,
            at_work(on),
        ):
            yield Studio(library, twin)
