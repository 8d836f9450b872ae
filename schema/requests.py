"""What clients send to start work."""

import strawberry
from strawberry.scalars import JSON

from schema.enums import GenerationMode, StageName
from schema.scalars import UploadedFile
from schema.settings import SettingsInput

_PROMPT = "The designer's words, 1 to 4000 characters; they are kept as they are."
_NEGATIVE = "What the images should not show, 1 to 2000 characters."
_SETTINGS = "Wishes; all have defaults."
_KEY = (
    "1 to 200 characters, unique for the user and the mutation, kept for seven days. The same key "
    "with the same request answers with the first result and starts nothing; with another request "
    "it is a Conflict."
)


@strawberry.input(
    description="A photo of a garment: exactly one of `image`, `imageUrl` and `assetId`."
)
class GenerateFromImageInput:
    """A photo of a garment."""

    image: UploadedFile | None = strawberry.field(
        default=None, description="The photo as a file: JPEG, PNG or WebP of at most 20 MB."
    )
    image_url: str | None = strawberry.field(
        default=None, description="An https address that the server fetches itself."
    )
    asset_id: strawberry.ID | None = strawberry.field(
        default=None, description="An image that is stored already."
    )
    prompt: str | None = strawberry.field(default=None, description=_PROMPT)
    negative_prompt: str | None = strawberry.field(default=None, description=_NEGATIVE)
    settings: SettingsInput | None = strawberry.field(default=None, description=_SETTINGS)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Words alone.")
class GenerateFromPromptInput:
    """Words alone."""

    prompt: str = strawberry.field(description=_PROMPT)
    negative_prompt: str | None = strawberry.field(default=None, description=_NEGATIVE)
    settings: SettingsInput | None = strawberry.field(default=None, description=_SETTINGS)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="A structured garment specification.")
class GenerateFromSpecInput:
    """A structured garment specification."""

    spec: JSON = strawberry.field(
        description='One record, or `{"records": [...]}` as the VLT tool writes it. What it may '
        "hold is described by the JSON Schema at /garment-spec.schema.json of the server."
    )
    record_index: int | None = strawberry.field(
        default=0, description="Which of several records, counted from 0; warnings name the others."
    )
    prompt: str | None = strawberry.field(default=None, description=_PROMPT)
    negative_prompt: str | None = strawberry.field(default=None, description=_NEGATIVE)
    settings: SettingsInput | None = strawberry.field(default=None, description=_SETTINGS)
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(
    description="A new generation from an old one, which stays as it is: the stages before the "
    "first whose input changed are kept at no cost."
)
class RefineInput:
    """A new generation from an old one."""

    generation_id: strawberry.ID = strawberry.field(description="The old one.")
    spec_patch: JSON | None = strawberry.field(
        default=None, description="Fields of the specification to change."
    )
    lock: list[str] | None = strawberry.field(
        default=None, description="Names of fields that no stage may change."
    )
    prompt: str | None = strawberry.field(default=None, description=_PROMPT)
    negative_prompt: str | None = strawberry.field(default=None, description=_NEGATIVE)
    settings: SettingsInput | None = strawberry.field(default=None, description=_SETTINGS)
    from_stage: StageName | None = strawberry.field(
        default=None, description="Begin with this stage even where its input is the same."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="What to quote for.")
class QuoteInput:
    """What to quote for."""

    mode: GenerationMode = strawberry.field(description="What the generation would start from.")
    prompt: str | None = strawberry.field(default=None, description=_PROMPT)
    negative_prompt: str | None = strawberry.field(default=None, description=_NEGATIVE)
    spec: JSON | None = strawberry.field(
        default=None, description="The specification, as for GenerateFromSpecInput."
    )
    record_index: int | None = strawberry.field(
        default=0, description="Which of several records, counted from 0."
    )
    asset_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The photo, where it is stored already; without it one of a usual shape is "
        "taken as given FROM_IMAGE.",
    )
    settings: SettingsInput | None = strawberry.field(default=None, description=_SETTINGS)
