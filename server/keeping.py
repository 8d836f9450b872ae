"""What came of a run, kept in a folder of the user's: its images and its record."""

import asyncio
import json
from pathlib import Path
from typing import Final

from strawberry.schema import BaseSchema

from pipeline.domain import GenerationId
from pipeline.errors import DesignerError, ObjectMissing
from pipeline.ports import Objects
from schema.context import Context
from schema.ids import Kind, global_id

RECORD: Final = "record.json"

_QUERY: Final = """
query ($id: ID!) {
  generation(id: $id) {
    id mode status attempt prompt negativePrompt createdAt completedAt
    settings {
      model provider quality style aspectRatio count seed enhance personaId sourceInfluence
      learning confidential maxCost
    }
    spec {
      version
      garmentType { ...text } fabric { ...text } pattern { ...text }
      silhouette { ...text } aesthetic { ...text }
      colors { name hex role share confidence source locked }
      details { name value confidence source locked }
      raw
    }
    finalPrompt { text negative reward { mean low high evidence } parts { text origin reason } }
    persona { persona { id name description attributes } score reason }
    route {
      model { key provider displayName } reason
      candidates { model { key } score eligible reason estimatedCost }
    }
    stages {
      name status attempt startedAt finishedAt durationMs summary output
      error { code message retryable charged }
    }
    images { index status seed cost asset { id } error { code message } }
    assets(first: 100) {
      edges { node {
        id kind url key contentType byteSize width height model { key } seed revisedPrompt
        metadata createdAt
      } }
    }
    cost
    charges { model { key } state amount createdAt }
    warnings
    error { code message stage retryable charged }
  }
}
fragment text on SpecText { value confidence source locked }
"""


class NotKept(DesignerError):
    """What came of it cannot be kept there; the message says why."""


def usable(folder: Path) -> Path:
    """Return the folder, made if it was missing; raises `NotKept`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".designer-bff"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unusable(folder, error) from error
    return folder


async def keep(
    schema: BaseSchema, context: Context, objects: Objects, id: GenerationId, folder: Path
) -> list[Path]:
    """Write the record and the images as `{generation}-{slot}.png`; return the images' paths.

    Raises `NotKept`.
    """
    record = await _record(schema, context, id)
    images = await _images(context, objects, id)
    try:
        await asyncio.to_thread(_write, folder, {RECORD: record.encode(), **images})
    except OSError as error:
        raise _unusable(folder, error) from error
    return [folder / name for name in images]


async def _record(schema: BaseSchema, context: Context, id: GenerationId) -> str:
    variables = {"id": global_id(Kind.GENERATION, id)}
    result = await schema.execute(_QUERY, variable_values=variables, context_value=context)
    found = (result.data or {}).get("generation")
    if found is None:
        reasons = "; ".join(error.message for error in result.errors or ())
        raise NotKept(f"The run has no record: {reasons or 'it was deleted meanwhile'}")
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


async def _images(context: Context, objects: Objects, id: GenerationId) -> dict[str, bytes]:
    library, viewer = context.library, context.viewer
    slots = (await library.generations.slots(viewer, [id])).get(id, ())
    wanted = {slot.asset_id: slot.index for slot in slots if slot.asset_id}
    assets = await library.assets.by_ids(viewer, list(wanted))
    found: dict[str, bytes] = {}
    for asset_id, index in wanted.items():
        key = assets[asset_id].image.key
        try:
            found[f"{id}-{index}{Path(key).suffix}"] = await objects.get(key)
        except ObjectMissing as missing:
            raise NotKept(
                f"Image {index} lies with the worker that made it, not here: "
                "name its data folder by --data or DATA_DIR"
            ) from missing
    return found


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _unusable(folder: Path, error: OSError) -> NotKept:
    reason = error.strerror or type(error).__name__
    return NotKept(f"--out: {folder} cannot be written ({reason}): choose another folder")
