"""Which PostgreSQL a command works on."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from server.postgres import EmbeddedPostgres, running
from server.settings import Settings


def folder_of(settings: Settings) -> Path:
    """Return where the embedded PostgreSQL keeps its data."""
    return settings.data_dir / "postgres"


@contextmanager
def reachable(settings: Settings) -> Generator[str]:
    """Give the address of the settings' database.

    An embedded one that a server runs just now is shared, else it runs for the body.
    """
    folder = folder_of(settings)
    if dsn := settings.direct_url or running(folder):
        yield dsn
        return
    with EmbeddedPostgres(folder) as embedded:
        yield embedded.dsn
