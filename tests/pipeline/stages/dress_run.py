"""A run that was claimed once and asks for a dress."""

from uuid import uuid4

from pipeline.domain import Brief, GenerationId, GenerationMode, Run, WorkspaceId

RUN = Run(
    id=GenerationId(uuid4()),
    workspace=WorkspaceId(uuid4()),
    brief=Brief(mode=GenerationMode.FROM_PROMPT, prompt="a dress"),
    attempt=1,
    claim=1,
    takeovers=0,
    seed=1,
)
