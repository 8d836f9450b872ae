"""The analyser that comes with the product: no key, no network."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from pipeline.spec import GarmentSpec
from pipeline.vision.read import Reader


class EmbeddedVision:
    """Reads photos on threads of its own, as many at once as there are cores.

    The weights are loaded once, by `warm_up` or else by the first photo.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self._cores, thread_name_prefix="vision")
        self._reader: Reader | None = None
        self._loading = Lock()

    async def analyse(self, photo: bytes) -> GarmentSpec:
        """Return what the photo shows; raises `UnreadablePhoto`, a `StageFailed`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, photo)

    async def warm_up(self) -> None:
        """Load the weights now, so that the first photo need not wait for them."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._loaded)

    def close(self) -> None:
        """Let the photos that are being read be finished, and drop those that wait."""
        self._threads.shutdown(cancel_futures=True)

    def _read(self, photo: bytes) -> GarmentSpec:
        return self._loaded().read(photo)

    def _loaded(self) -> Reader:
        with self._loading:
            if self._reader is None:
                self._reader = Reader.load(threads=min(2, self._cores))
            return self._reader
