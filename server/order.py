"""What the shell asks for, put as a client's request and checked by the API's own rules."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from strawberry import ID
from strawberry.scalars import JSON

from pipeline.domain import AspectRatio, Generation
from pipeline.errors import DesignerError, InvalidInput
from resolvers.submissions import from_image, from_prompt, from_spec
from schema.context import Context
from schema.ids import Kind, global_id
from schema.requests import (
    GenerateFromImageInput,
    GenerateFromPromptInput,
    GenerateFromSpecInput,
)
from schema.settings import SettingsInput

RATIOS: Final = {
    **{":".join(map(str, ratio.terms)): ratio for ratio in AspectRatio},
    "square": AspectRatio.SQUARE,
}

_OPTIONS: Final = {
    "image": "--image",
    "recordIndex": "--spec",
    "settings.aspectRatio": "--aspect",
    "settings.personaId": "--persona",
}


class BadOption(DesignerError):
    """An option breaks a rule; the message names both."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(f"{option}: {message}")


@dataclass(frozen=True, slots=True)
class Photo:
    """The content of a file, as an upload."""

    content: bytes

    async def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; all where it is negative."""
        return self.content if size < 0 else self.content[:size]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The options with their files read; one of photo, spec and words alone starts the run."""

    photo: Photo | None
    spec: JSON | None
    words: str | None
    words_option: str
    persona: str | None
    settings: SettingsInput


def read(options: argparse.Namespace) -> Order:
    """Read what the options name; raises `BadOption`."""
    if options.text is not None and options.prompt is not None:
        raise BadOption("--text", "it goes beside --image or --spec; put all words into --prompt")
    aspect: str | None = options.aspect
    return Order(
        photo=Photo(_content("--image", options.image)) if options.image else None,
        spec=_spec(options.spec) if options.spec else None,
        words=options.text if options.prompt is None else options.prompt,
        words_option="--text" if options.prompt is None else "--prompt",
        persona=options.persona,
        settings=SettingsInput(
            count=options.count,
            aspect_ratio=RATIOS[aspect] if aspect else None,
            seed=options.seed,
            enhance=options.enhance,
        ),
    )


async def submitted(context: Context, order: Order) -> Generation:
    """Check and submit the order; raises `BadOption` and `Refused`."""
    if order.persona is not None:
        order.settings.persona_id = await _persona(context, order.persona)
    try:
        return await _submitted(context, order)
    except InvalidInput as error:
        field = error.field or ""
        # Within a file the path says where; what is an option is named by that alone.
        path = "" if field.startswith("spec.") else f"{field} "
        raise BadOption(_option(field, order), error.message.removeprefix(path)) from error


async def _submitted(context: Context, order: Order) -> Generation:
    words, settings = order.words, order.settings
    if order.photo is not None:
        photo = GenerateFromImageInput(image=order.photo, prompt=words, settings=settings)
        return await from_image(context, photo)
    if order.spec is not None:
        spec = GenerateFromSpecInput(spec=order.spec, prompt=words, settings=settings)
        return await from_spec(context, spec)
    return await from_prompt(
        context, GenerateFromPromptInput(prompt=words or "", settings=settings)
    )


async def _persona(context: Context, name: str) -> ID:
    """Return the id of the persona of that name or id."""
    personas = await context.library.personas.all(context.viewer)
    for persona in personas:
        found = global_id(Kind.PERSONA, persona.id)
        if name == found or name.casefold() == persona.name.casefold():
            return found
    known = ", ".join(persona.name for persona in personas)
    raise BadOption("--persona", f"there is no {name!r}; there are {known}")


def _option(field: str, order: Order) -> str:
    if field == "prompt":
        return order.words_option
    if field.startswith("spec"):
        return "--spec"
    return _OPTIONS.get(field, f"--{field.removeprefix('settings.')}")


def _spec(path: Path) -> JSON:
    try:
        spec = json.loads(_content("--spec", path))
    except (ValueError, RecursionError) as error:
        raise BadOption("--spec", f"{path} is no JSON ({error})") from error
    if spec is None:
        raise BadOption("--spec", f"{path} holds null and no specification")
    return JSON(spec)


def _content(option: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadOption(option, f"{path} cannot be read ({error.strerror})") from error
