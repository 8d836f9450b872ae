"""The fields that write: parse, call one port, convert."""

from dataclasses import replace
from typing import Annotated

import strawberry

from pipeline.domain import FeedbackId, GenerationId, PersonaId
from pipeline.errors import Conflict, InvalidInput, NotFound
from resolvers.idempotency import idempotency
from resolvers.submissions import from_image, from_prompt, from_spec
from schema import rules
from schema.context import Info
from schema.enums import PreferenceState, StageName
from schema.feedback import Feedback, FeedbackResult
from schema.feedback_input import FeedbackInput
from schema.generation import (
    ColourwaysResult,
    Deleted,
    DeleteResult,
    GenerateResult,
    Generation,
    GenerationResult,
)
from schema.ids import feedback_id, generation_id, persona_id
from schema.learning import PreferenceResult
from schema.persona import Persona, PersonaInput, PersonaResult
from schema.requests import (
    GenerateFromImageInput,
    GenerateFromPromptInput,
    GenerateFromSpecInput,
    RefineInput,
)

NOT_AVAILABLE = "NOT_AVAILABLE"

GivenId = Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
Key = Annotated[
    str | None,
    strawberry.argument(description="At most 200 characters; see GenerateFromImageInput."),
]


@strawberry.type(
    description="The writing part of the API. Each field answers with what it promises or with a "
    "UserError that says why not; then nothing was stored, queued or charged."
)
class Mutation:
    """The writing part of the API."""

    @strawberry.mutation(description="Start a generation from a photo of a garment.")
    async def generate_from_image(
        self,
        info: Info,
        input: Annotated[GenerateFromImageInput, strawberry.argument(description="The photo.")],
    ) -> GenerateResult:
        return Generation.from_domain(await from_image(info.context, input))

    @strawberry.mutation(
        description="Start a generation from words. They go to the model as they are, unless "
        "settings ask for enhancement."
    )
    async def generate_from_prompt(
        self,
        info: Info,
        input: Annotated[GenerateFromPromptInput, strawberry.argument(description="The words.")],
    ) -> GenerateResult:
        return Generation.from_domain(await from_prompt(info.context, input))

    @strawberry.mutation(description="Start a generation from a garment specification.")
    async def generate_from_spec(
        self,
        info: Info,
        input: Annotated[
            GenerateFromSpecInput, strawberry.argument(description="The specification.")
        ],
    ) -> GenerateResult:
        return Generation.from_domain(await from_spec(info.context, input))

    @strawberry.mutation(
        description="Make a new generation from an old one. Not possible yet: for the viewer's "
        "generations it answers with a Conflict of code NOT_AVAILABLE."
    )
    async def refine_generation(
        self,
        info: Info,
        input: Annotated[RefineInput, strawberry.argument(description="What to change.")],
    ) -> GenerateResult:
        await _generation(info, input.generation_id)
        raise Conflict("Refining is not possible yet.", code=NOT_AVAILABLE)

    @strawberry.mutation(
        description="Up to twelve refinements at once, one for each palette of hex colours in the "
        "order of the specification's. Not possible yet: for the viewer's generations it answers "
        "with a Conflict of code NOT_AVAILABLE."
    )
    async def colourways(
        self,
        info: Info,
        generation_id: Annotated[strawberry.ID, strawberry.argument(description="The old one.")],
        palettes: Annotated[
            list[list[str]], strawberry.argument(description="Hex colours, such as #6b1f2a.")
        ],
        idempotency_key: Key = None,
    ) -> ColourwaysResult:
        del palettes, idempotency_key
        await _generation(info, generation_id)
        raise Conflict("Colourways are not possible yet.", code=NOT_AVAILABLE)

    @strawberry.mutation(description="Stop a generation that is not finished.")
    async def cancel_generation(self, info: Info, id: GivenId) -> GenerationResult:
        context, key = info.context, _generation_id(id)
        row = await context.library.generations.cancel(context.viewer, key)
        return Generation.from_domain(row)

    @strawberry.mutation(
        description="A new attempt of a generation that failed, was cancelled or lacks images. "
        "Stages that were finished are kept, except from `fromStage` on."
    )
    async def retry_generation(
        self,
        info: Info,
        id: GivenId,
        from_stage: Annotated[
            StageName | None,
            strawberry.argument(
                description="Do this stage again, and all after it; by default what is not "
                "finished. As without it, a run that has all its images is not retried."
            ),
        ] = None,
        idempotency_key: Key = None,
    ) -> GenerateResult:
        context, target = info.context, _generation_id(id)
        key = idempotency("retryGeneration", idempotency_key, id, from_stage)
        row = await context.library.generations.retry(context.viewer, target, from_stage, key)
        return Generation.from_domain(row)

    @strawberry.mutation(
        description="Remove a generation that is not running, with its feedback and the stored "
        "images that nothing else refers to. What was spent stays in the ledger."
    )
    async def delete_generation(self, info: Info, id: GivenId) -> DeleteResult:
        context = info.context
        await context.library.generations.delete(context.viewer, _generation_id(id))
        return Deleted(id=id)

    @strawberry.mutation(
        description="Say what you think of a COMPLETED generation, or of an image it made."
    )
    async def submit_feedback(
        self,
        info: Info,
        input: Annotated[FeedbackInput, strawberry.argument(description="The feedback.")],
    ) -> FeedbackResult:
        context = info.context
        draft = input.to_domain()
        key = idempotency("submitFeedback", input.idempotency_key, draft)
        row = await context.library.feedback.submit(context.viewer, replace(draft, idempotency=key))
        return Feedback.from_domain(row)

    @strawberry.mutation(description="Take feedback back; the learner forgets it.")
    async def delete_feedback(self, info: Info, id: GivenId) -> DeleteResult:
        context = info.context
        await context.library.feedback.delete(context.viewer, _feedback_id(id))
        return Deleted(id=id)

    @strawberry.mutation(description="Add a persona to the workspace.")
    async def create_persona(
        self,
        info: Info,
        input: Annotated[PersonaInput, strawberry.argument(description="The persona.")],
    ) -> PersonaResult:
        context, draft = info.context, input.to_domain()
        row = await context.library.personas.create(
            context.viewer, draft.name, draft.description, draft.attributes or {}
        )
        return Persona.from_domain(row)

    @strawberry.mutation(description="Change a persona of the workspace.")
    async def update_persona(
        self,
        info: Info,
        id: GivenId,
        input: Annotated[PersonaInput, strawberry.argument(description="What it shall be.")],
    ) -> PersonaResult:
        context, key, draft = info.context, _persona_id(id), input.to_domain()
        row = await context.library.personas.update(
            context.viewer, key, draft.name, draft.description, draft.attributes
        )
        return Persona.from_domain(row)

    @strawberry.mutation(description="Remove a persona of the workspace.")
    async def delete_persona(self, info: Info, id: GivenId) -> DeleteResult:
        context = info.context
        await context.library.personas.delete(context.viewer, _persona_id(id))
        return Deleted(id=id)

    @strawberry.mutation(
        description="Pin or ban what the learner would do, or leave it to learn. Not possible yet: "
        "it answers with an InvalidInput of code NOT_AVAILABLE."
    )
    async def set_preference(
        self,
        slot: Annotated[str, strawberry.argument(description="What part of a prompt.")],
        modifier: Annotated[str, strawberry.argument(description="The words.")],
        state: Annotated[
            PreferenceState, strawberry.argument(description="What shall become of them.")
        ],
    ) -> PreferenceResult:
        del state
        rules.text(slot, "slot", rules.KEY)
        rules.text(modifier, "modifier", rules.KEY)
        raise InvalidInput("Preferences are not kept yet.", field=None, code=NOT_AVAILABLE)


async def _generation(info: Info, id: str) -> None:
    """Raise `NotFound` unless the viewer has it."""
    if await info.context.loaders.generations.load(_generation_id(id)) is None:
        raise _no_generation()


def _generation_id(id: str) -> GenerationId:
    key = generation_id(id)
    if key is None:
        raise _no_generation()
    return key


def _no_generation() -> NotFound:
    return NotFound("There is no such generation.")


def _feedback_id(id: str) -> FeedbackId:
    key = feedback_id(id)
    if key is None:
        raise NotFound("There is no such feedback.")
    return key


def _persona_id(id: str) -> PersonaId:
    key = persona_id(id)
    if key is None:
        raise NotFound("There is no such persona.")
    return key
