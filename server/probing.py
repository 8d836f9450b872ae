"""Free questions to the providers: whose key it is, which models there are, what they take."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from pipeline.catalogue import openai, replicate
from pipeline.errors import DesignerError
from server.settings import Settings

_SECONDS: Final = 20.0
_REFUSED: Final = (401, 403)
_MISSING: Final = 404

A = TypeVar("A", bound=BaseModel)


class NoAnswer(DesignerError):
    """A provider could not be asked; the message says what to do."""


class Property(BaseModel):
    """An input of a model as OpenAPI describes it."""

    type: str | None = None
    enum: list[str | int | float | None] | None = None
    all_of: list["Property"] = Field(default_factory=list["Property"], alias="allOf")
    ref: str | None = Field(default=None, alias="$ref")
    minimum: float | None = None
    maximum: float | None = None
    most_characters: float | None = Field(default=None, alias="maxLength")
    most_items: float | None = Field(default=None, alias="maxItems")


class Shape(BaseModel):
    """A named schema: an object with properties, or the options of one."""

    properties: dict[str, Property] = Field(default_factory=dict[str, Property])
    required: list[str] = Field(default_factory=list[str])
    enum: list[str | int | float | None] | None = None


class _Components(BaseModel):
    schemas: dict[str, Shape]


class _OpenApi(BaseModel):
    components: _Components


class _Version(BaseModel):
    openapi_schema: _OpenApi


class _Model(BaseModel):
    latest_version: _Version | None


class _Account(BaseModel):
    username: str


class Listed(BaseModel):
    """A model that OpenAI offers, and the day it is shut down."""

    id: str
    shutdown_date: date | None = None


class _Listing(BaseModel):
    data: list[Listed]


def keys_of(settings: Settings) -> Mapping[str, str]:
    """Return the key of each provider that has one."""
    given = {
        replicate.PROVIDER: settings.replicate_api_token,
        openai.PROVIDER: settings.openai_api_key,
    }
    return {provider: key for provider, key in given.items() if key}


@dataclass(frozen=True, slots=True)
class Replicate:
    """Questions to Replicate; each raises `NoAnswer`."""

    client: httpx.Client = field(repr=False)

    def account(self) -> str:
        """Return the name of the token's account."""
        return _answer(self.client, "Replicate", "/v1/account", _Account).username

    def schemas(self, slug: str) -> Mapping[str, Shape] | None:
        """Return the schemas of a model, `Input` among them; None where there is no such model."""
        try:
            found = _answer(self.client, "Replicate", f"/v1/models/{slug}", _Model)
        except _Missing:
            return None
        version = found.latest_version
        return version.openapi_schema.components.schemas if version else {}


@dataclass(frozen=True, slots=True)
class OpenAI:
    """Questions to OpenAI; each raises `NoAnswer`."""

    client: httpx.Client = field(repr=False)

    def models(self) -> Mapping[str, Listed]:
        """Return the models it offers by their names."""
        listing = _answer(self.client, "OpenAI", "/models", _Listing)
        return {one.id: one for one in listing.data}


@contextmanager
def replicate_at(settings: Settings) -> Generator[Replicate]:
    """Open the connection to Replicate."""
    with _client(settings.replicate_base_url, settings.replicate_api_token) as client:
        yield Replicate(client)


@contextmanager
def openai_at(settings: Settings) -> Generator[OpenAI]:
    """Open the connection to OpenAI."""
    with _client(settings.openai_base_url, settings.openai_api_key) as client:
        yield OpenAI(client)


class _Missing(NoAnswer):
    """There is nothing under that address."""


def _client(base: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=base, headers=headers, timeout=_SECONDS)


def _answer(client: httpx.Client, provider: str, path: str, kind: type[A]) -> A:
    try:
        response = client.get(path)
    except httpx.HTTPError as error:
        raise NoAnswer(f"{provider} can't be reached ({error}): check the network") from error
    status = response.status_code
    if status in _REFUSED:
        raise NoAnswer(f"{provider} refuses the key ({status}): make a new one there")
    if status == _MISSING:
        raise _Missing(f"{provider} has nothing at {path}: check its address")
    if not response.is_success:
        raise NoAnswer(f"{provider} answers {status}: try again later")
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as error:
        raise NoAnswer(f"{provider} answers in another form than it used to: {error}") from error
