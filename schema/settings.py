"""The wishes of one request."""

from decimal import Decimal
from typing import Self

import strawberry

from pipeline import domain
from pipeline.errors import NotFound
from schema import rules
from schema.enums import AspectRatio, GenerationMode, ImageStyle, Quality
from schema.ids import Kind, global_id, persona_id

MOST_IMAGES = 8
MOST_SEED = 2**31 - 1
INFLUENCE = 0.8


@strawberry.type(description="The wishes of a request, with their defaults filled in.")
class GenerationSettings:
    """The wishes of a request."""

    model: str | None = strawberry.field(
        description="A catalogue key such as `imagen-4-ultra`; null leaves it to the router."
    )
    provider: str | None = strawberry.field(
        description="The provider that was asked for; null leaves it to the router."
    )
    quality: Quality = strawberry.field(description="The quality.")
    style: ImageStyle | None = strawberry.field(description="The style, where one was asked for.")
    aspect_ratio: AspectRatio = strawberry.field(description="The shape of the images.")
    count: int = strawberry.field(description="How many images, 1 to 8.")
    seed: int | None = strawberry.field(description="The seed, where one was given.")
    enhance: bool = strawberry.field(description="Whether the enhancement stage runs.")
    persona_id: strawberry.ID | None = strawberry.field(
        description="The persona that was asked for."
    )
    source_influence: float | None = strawberry.field(
        description="How much the source photo binds the images, 0..1; null without a photo."
    )
    learning: bool = strawberry.field(description="Whether what was learnt may shape the prompt.")
    confidential: bool = strawberry.field(
        description="Whether only models may be used that neither train on the work nor keep it."
    )
    max_cost: Decimal | None = strawberry.field(description="The most it may cost.")

    @classmethod
    def from_domain(cls, brief: domain.Brief) -> Self:
        wishes = brief.settings
        persona = wishes.persona_id
        photo = brief.mode is GenerationMode.FROM_IMAGE
        return cls(
            model=wishes.model,
            provider=wishes.provider,
            quality=wishes.quality,
            style=wishes.style,
            aspect_ratio=wishes.aspect_ratio,
            count=wishes.count,
            seed=wishes.seed,
            enhance=wishes.enhance,
            persona_id=global_id(Kind.PERSONA, persona) if persona else None,
            source_influence=wishes.source_influence if photo else None,
            learning=wishes.learning,
            confidential=wishes.confidential,
            max_cost=wishes.max_cost,
        )


@strawberry.input(description="The wishes of a request; a null means the default.")
class SettingsInput:
    """The wishes of a request."""

    model: str | None = strawberry.field(
        default=None,
        description="A catalogue key, as the query `models` lists them, or an alias such as "
        "`google-imagen`. By default the router chooses.",
    )
    provider: str | None = strawberry.field(
        default=None, description="Only models of this provider."
    )
    quality: Quality | None = strawberry.field(
        default=Quality.STANDARD, description="How much care a model should take."
    )
    style: ImageStyle | None = strawberry.field(
        default=None, description="For the models that know styles."
    )
    aspect_ratio: AspectRatio | None = strawberry.field(
        default=AspectRatio.SQUARE, description="The shape of the images."
    )
    count: int | None = strawberry.field(default=1, description="How many images, 1 to 8.")
    seed: int | None = strawberry.field(
        default=None,
        description="0 to 2147483647. The same seed makes the same images where the model knows "
        "seeds; by default one is drawn.",
    )
    enhance: bool | None = strawberry.field(
        default=None,
        description="Whether to run the enhancement stage. By default it runs, except for "
        "FROM_PROMPT, where the words go out as they are.",
    )
    persona_id: strawberry.ID | None = strawberry.field(
        default=None, description="Use this persona instead of the best match."
    )
    source_influence: float | None = strawberry.field(
        default=INFLUENCE,
        description="How much the source photo binds the images, 0..1; a warning says where the "
        "model can't be told.",
    )
    learning: bool | None = strawberry.field(
        default=True, description="false keeps everything learnt out of the prompt."
    )
    confidential: bool | None = strawberry.field(
        default=False,
        description="Use only models that neither train on the work nor keep it for longer than "
        "they state.",
    )
    max_cost: Decimal | None = strawberry.field(
        default=None,
        description="Refuse, before anything is spent, what would cost more or whose price is "
        "unknown.",
    )

    def to_domain(self, mode: GenerationMode) -> domain.GenerationSettings:
        """Raise `InvalidInput`, or `NotFound` for what is no persona's id."""
        count = 1 if self.count is None else self.count
        influence = INFLUENCE if self.source_influence is None else self.source_influence
        limit, seed, by_default = self.max_cost, self.seed, mode is not GenerationMode.FROM_PROMPT
        return domain.GenerationSettings(
            model=rules.optional_text(self.model, "settings.model", rules.KEY),
            provider=rules.optional_text(self.provider, "settings.provider", rules.KEY),
            quality=self.quality or Quality.STANDARD,
            style=self.style,
            aspect_ratio=self.aspect_ratio or AspectRatio.SQUARE,
            count=rules.within(count, "settings.count", 1, MOST_IMAGES),
            seed=None if seed is None else rules.within(seed, "settings.seed", 0, MOST_SEED),
            enhance=by_default if self.enhance is None else self.enhance,
            persona_id=self._persona(),
            source_influence=rules.share(influence, "settings.sourceInfluence"),
            learning=self.learning is not False,
            confidential=self.confidential is True,
            max_cost=None if limit is None else rules.amount(limit, "settings.maxCost"),
        )

    def _persona(self) -> domain.PersonaId | None:
        if self.persona_id is None:
            return None
        found = persona_id(self.persona_id)
        if found is None:
            raise NotFound("settings.personaId: there is no such persona.")
        return found
