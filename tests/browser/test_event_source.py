"""A browser's own EventSource follows a run to its end, over a connection that breaks."""

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Page

from tests.acceptance.api import client
from tests.acceptance.serving import Serving
from tests.docs.severing import severed

RUN = "subscription ($id: ID!) { generationEvents(id: $id) { seq cursor } }"
FOLLOW = """address => {
  window.seen = []
  window.opened = 0
  window.ended = false
  const source = new EventSource(address)
  source.addEventListener("open", () => { window.opened += 1 })
  source.addEventListener("next", event => {
    window.seen.push([event.lastEventId, JSON.parse(event.data).data.generationEvents])
  })
  source.addEventListener("complete", () => {
    source.close()
    window.ended = true
  })
}"""


async def test_it_comes_back_and_goes_on_where_it_was(product: Serving, page: Page) -> None:
    async with client(product.url) as api:
        run = (await api.start("FromPrompt", prompt="a blue skirt"))["id"]
        events = await api.to_end(run)
    await page.goto(f"{product.url}/health")
    query = urlencode({"query": RUN, "variables": json.dumps({"id": run})})
    with severed(urlsplit(product.url).port or 0, limit=1500) as way:
        await page.evaluate(FOLLOW, f"http://127.0.0.1:{way.address}/graphql?{query}")
        await page.wait_for_function("window.ended")
        seen: list[Any] = await page.evaluate("window.seen")
        assert await page.evaluate("window.opened") == 2
        assert way.connections == 2
    assert [event["seq"] for _, event in seen] == list(range(1, len(events) + 1))
    assert [cursor for cursor, _ in seen] == [event["cursor"] for event in events]
