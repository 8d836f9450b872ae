"""Ports that nothing comes through, for tests of what lies beside them."""

from typing import Any

from pipeline.domain import WorkspaceId
from schema.library import Library


class SilentBell:
    """A bell that nobody hears."""

    def ring(self, workspace: WorkspaceId, workspace_seq: int) -> None:
        pass


class Shut:
    """Any port: what is asked of it is shut as well, and can't be called."""

    def __getattr__(self, name: str) -> "Shut":
        return self


def shut_library() -> Library:
    shut: Any = Shut()
    return Library(
        generations=shut,
        assets=shut,
        feedback=shut,
        personas=shut,
        usage=shut,
        stream=shut,
        fetch=shut,
        address=shut,
        providers=frozenset(),
        now=shut,
    )
