"""A way to a server that breaks: connections go through it until they are cut."""

import asyncio
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(slots=True)
class Way:
    """Passes bytes on to `port`; the first connection is cut after `limit` bytes of answer."""

    port: int
    limit: int
    address: int = 0
    connections: int = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        limit = self.limit if self.connections == 1 else None
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        asking = asyncio.create_task(_pass(reader, back, None))
        answering = asyncio.create_task(_pass(there, writer, limit))
        try:
            await asyncio.wait((asking, answering), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()
            answering.cancel()
            # No farewell: the client finds its connection broken.
            writer.transport.abort()
            back.transport.abort()


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
) -> None:
    passed = 0
    with suppress(ConnectionError):
        while data := await reader.read(256):
            passed += len(data)
            if limit is not None and passed > limit:
                return
            writer.write(data)
            await writer.drain()


@contextmanager
def severed(port: int, limit: int) -> Generator[Way]:
    """Give a way to `port` of this machine, served by a thread while the body runs."""
    way = Way(port, limit)
    opened: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        ended = asyncio.Event()
        server = await asyncio.start_server(way.meet, "127.0.0.1", 0)
        way.address = server.sockets[0].getsockname()[1]
        opened.set_result((asyncio.get_running_loop(), ended))
        await ended.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop, ended = opened.result()
    try:
        yield way
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
