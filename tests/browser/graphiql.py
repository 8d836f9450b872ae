"""GraphiQL as a test drives it: tabs, variables, files, results, and what went over the network."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

# What GraphiQL names its editors' models, after a prefix of the instance.
_MODELS = {"query": "operation.graphql", "variables": "variables.json", "result": "response.json"}
_READ = "end => __MONACO.editor.getModels().find(m => m.uri.path.endsWith(end)).getValue()"
_WRITE = """([end, text]) =>
  __MONACO.editor.getModels().find(m => m.uri.path.endsWith(end)).setValue(text)"""


@dataclass(frozen=True, slots=True)
class Graphiql:
    """A page at `/graphql`; `requests` are all addresses it asked for, `problems` its errors."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])

    @classmethod
    async def open(cls, page: Page, origin: str) -> Self:
        """Load the page and wait until its editors and the schema are there."""
        graphiql = cls(page, origin)
        page.on("request", lambda request: graphiql.requests.append(request.url))
        page.on("websocket", lambda socket: graphiql.requests.append(socket.url))
        page.on("console", lambda message: graphiql.hear(message.type, message.text))
        page.on("pageerror", lambda error: graphiql.problems.append(str(error)))
        await page.goto(f"{origin}/graphql")
        await expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("mutation")
        await expect(page.locator(".graphiql-sidebar button[disabled]")).to_have_count(0)
        return graphiql

    def hear(self, kind: str, text: str) -> None:
        """Keep what the console says, where it is a problem."""
        if kind in {"error", "warning"}:
            self.problems.append(text)

    @property
    def outside_requests(self) -> list[str]:
        """Addresses of other hosts."""
        host = urlsplit(self.origin).netloc
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme not in {"data", "blob"} and urlsplit(url).netloc != host
        ]

    async def open_tab(self, name: str) -> None:
        await self.page.locator(f'.graphiql-tab-button[title="{name}"]').click()

    async def open_panel(self, title: str) -> None:
        await self.page.get_by_role("button", name=f"Show {title}", exact=True).click()

    async def set_query(self, text: str) -> None:
        await self._write("query", text)

    async def set_variables(self, variables: object) -> None:
        await self._write("variables", json.dumps(variables))

    async def variables(self) -> Any:
        return json.loads(await self._read("variables"))

    async def attach(self, path: Path, variable: str) -> None:
        """Choose a file in the panel and see it bound to `variable`."""
        await self.page.get_by_test_id("files-input").set_input_files(path)
        last = self.page.get_by_test_id("bound-file").last
        await expect(last).to_contain_text(path.name)
        await last.get_by_test_id("bound-file-path").fill(variable)

    async def run(self) -> None:
        """Press the button; once more stops a subscription."""
        await self.page.locator(".graphiql-execute-button").click()

    async def watch_run(self) -> None:
        """Follow the run that was just started, by the panel's button."""
        await self.page.get_by_test_id("watch-run").click()

    async def result(self) -> Any:
        """Read the result, None while there is none; of a subscription the last one."""
        text = await self._read("result")
        return json.loads(text) if text else None

    async def wait_result(
        self, predicate: Callable[[Any], bool] = bool, timeout_s: float = 10
    ) -> Any:
        """Wait for a result that `predicate` accepts; raises TimeoutError with the last one."""
        for _ in range(round(timeout_s / 0.05)):
            result = await self.result()
            if result is not None and predicate(result):
                return result
            await self.page.wait_for_timeout(50)
        raise TimeoutError(f"no such result within {timeout_s} s; the last: {await self.result()}")

    def stage(self, name: str) -> Locator:
        """Find a stage in the panel; its attribute data-status says where it stands."""
        return self.page.get_by_test_id(f"stage-{name}")

    async def wait_status(self, status: str, timeout_s: float = 10) -> None:
        badge = self.page.get_by_test_id("run-status")
        await expect(badge).to_have_attribute("data-status", status, timeout=timeout_s * 1000)

    async def pictures(self, count: int) -> list[int]:
        """Wait for `count` pictures in the panel and give their natural widths in pixels."""
        pictures = self.page.get_by_test_id("picture")
        await expect(pictures).to_have_count(count)
        widths = [await pictures.nth(index).evaluate(_DECODED_WIDTH) for index in range(count)]
        return [int(width) for width in widths]

    async def _read(self, model: str) -> str:
        return str(await self.page.evaluate(_READ, _MODELS[model]))

    async def _write(self, model: str, text: str) -> None:
        await self.page.evaluate(_WRITE, [_MODELS[model], text])


_DECODED_WIDTH = "async image => (await image.decode(), image.naturalWidth)"
