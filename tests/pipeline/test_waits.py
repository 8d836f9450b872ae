import asyncio

from pipeline.waits import goes_on, rests, telling, waits


async def test_whoever_watches_hears_of_the_wait_in_words() -> None:
    heard: list[str] = []
    with telling(heard.append):
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting("replicate", 12.3))
            group.create_task(waiting("openai/gpt-6-luna", None))
            group.create_task(waiting("elsewhere", 200))
        goes_on("replicate")
        rests("openai", 20.4)
    waits("replicate", 1.0)

    assert heard == [
        "Waiting for a place at Replicate, about 12 s",
        "Waiting for a place at OpenAI",
        "Waiting for a place at elsewhere, about 3 min",
        "Replicate is asked",
        "OpenAI failed too often lately: it is asked again in about 20 s",
    ]


async def waiting(provider: str, seconds: float | None) -> None:
    waits(provider, seconds)


async def test_what_runs_beside_is_told_of_its_own_waits_alone() -> None:
    heard: dict[str, list[str]] = {"replicate": [], "openai": []}

    async def beside(provider: str) -> None:
        with telling(heard[provider].append):
            await asyncio.sleep(0)
            waits(provider, 0.2)

    await asyncio.gather(*map(beside, heard))
    assert heard == {
        "replicate": ["Waiting for a place at Replicate, about 1 s"],
        "openai": ["Waiting for a place at OpenAI, about 1 s"],
    }
