"""A worker as a process of its own, to be stopped and killed: python -m tests.server.lone_worker.

It writes to its folder what it does, and paints once there is a file `go`; where there is a file
`deadly`, beginning to paint kills it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from subprocess import Popen

from pipeline.imaging import ImageRequest, ImageResult
from storage.database import open_pool
from tests.server.painting import Painter, Studio

ROOT = Path(__file__).parents[2]


@dataclass
class Watched(Painter):
    """Tells what it does by the files `begun-PID-N` and `dropped-PID`."""

    folder: Path = field(default_factory=Path)
    begun: int = 0

    async def generate(self, request: ImageRequest) -> ImageResult:
        self.begun += 1
        (self.folder / f"begun-{os.getpid()}-{self.begun}").touch()
        if (self.folder / "deadly").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            while not (self.folder / "go").exists():
                await asyncio.sleep(0.02)
            self.may.set()
            return await super().generate(request)
        except asyncio.CancelledError:
            (self.folder / f"dropped-{os.getpid()}").touch()
            raise


@contextmanager
def hired(dsn: str, folder: Path, lease: float) -> Generator[Popen[bytes]]:
    """Give the process; its work is given up as in a power cut."""
    command = [sys.executable, "-m", "tests.server.lone_worker", dsn, str(folder), str(lease)]
    process = Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def main(dsn: str, folder: Path, lease: float) -> None:
    async with open_pool(dsn) as pool:
        painter = Watched(asyncio.Event(), folder=folder)
        studio = replace(
            Studio.on(pool, dsn, folder), painter=painter, lease=timedelta(seconds=lease)
        )
        async with studio.at_work():
            (folder / f"ready-{os.getpid()}").touch()
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
