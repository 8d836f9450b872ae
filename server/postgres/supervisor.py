"""Start the embedded PostgreSQL, and stop it."""

import time
from pathlib import Path
from subprocess import Popen
from typing import Self

from server.postgres import remains
from server.postgres.account import Account, account_for
from server.postgres.binaries import binaries_for
from server.postgres.cluster import initialise, require_fitting
from server.postgres.errors import PostgresFailed, failure
from server.postgres.folder import Claim, Folder
from server.postgres.process import end, ready, spawn

_START_SECONDS = 120.0
_STILL_THERE = "pre-existing shared memory block"
_SETTINGS = (
    "listen_addresses=",
    "max_connections=100",
    "shared_buffers=64MB",
    # Nobody replicates it, so that less has to be written.
    "wal_level=minimal",
    "max_wal_senders=0",
    "io_method=sync",
    # One process less; nobody subscribes here.
    "max_logical_replication_workers=0",
    "timezone=UTC",
    "log_timezone=UTC",
)
_FLEETING = ("fsync=off", "full_page_writes=off")


class EmbeddedPostgres:
    """A PostgreSQL of our own under the folder `root`, made on the first start.

    It is reached by a Unix socket only. `durable=False` is for tests: faster, and worthless
    after a power cut.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self._folder = Folder(root.absolute())
        self._durable = durable
        self._claim: Claim | None = None
        self._process: Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        if self._claim is None:
            raise PostgresFailed("The embedded PostgreSQL is not running: start it first")
        return self._claim.dsn

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Return when it takes connections; raises `PostgresFailed` or one of its kinds.

        Linux ends the server with the thread that started it: call this in the main thread.
        """
        account = account_for(self._folder.cluster)
        self._folder.make(account)
        programs = binaries_for(account)
        claim = self._claim = Claim(self._folder, account)
        try:
            if not self._folder.cluster.exists():
                initialise(self._folder, programs, account, durable=self._durable)
            require_fitting(self._folder.cluster, programs, account)
            remains.clear(self._folder.cluster)
            self._launch(programs, account, claim)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it with its connections and give the folder free; harmless when not running."""
        if self._process is not None:
            end(self._process)
            self._process = None
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def _launch(self, programs: Path, account: Account, claim: Claim) -> None:
        durability = () if self._durable else _FLEETING
        settings = (*_SETTINGS, *durability, f"unix_socket_directories={claim.sockets}")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self._process = spawn(self._folder, programs, account, settings)
            if ready(self._process, self._folder.cluster, deadline):
                return
            said = self._folder.log.read_text(encoding="utf-8", errors="replace")
            # Sessions of a server that was killed take a moment to notice.
            if _STILL_THERE not in said or time.monotonic() > deadline:
                raise failure(self._folder.root, said, "start")
            time.sleep(0.2)
