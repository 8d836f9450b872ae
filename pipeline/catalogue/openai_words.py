"""Models at OpenAI that look and write; lifecycle and prices as of 2026-11-23."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pipeline.beside import Helper
from pipeline.catalogue.model import CatalogueModel
from pipeline.catalogue.openai import PROVIDER, TERMS

_MILLION: Final = 1_000_000
# About what a photo and our questions come to, with the answers: where they are long, and as
# they usually are.
_MOST_TOKENS: Final = 1500, 600
_READING_TOKENS: Final = 1200, 190
_WRITING_TOKENS: Final = 320, 200


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model of the Responses API; prices in US dollars for a million tokens."""

    name: str
    usd_in: Decimal
    usd_out: Decimal

    def usd(self, tokens_in: int, tokens_out: int) -> Decimal:
        """Return what so many tokens cost."""
        return (tokens_in * self.usd_in + tokens_out * self.usd_out) / _MILLION

    @property
    def entry(self) -> CatalogueModel:
        """The model as the catalogue shows it: it makes no image of any shape."""
        return CatalogueModel(
            key=self.name,
            provider=PROVIDER,
            slug=self.name,
            display_name=self.name.replace("gpt-", "GPT ").replace("-", " "),
            aspect_ratios=frozenset(),
            terms=TERMS,
        )

    @property
    def expected(self) -> Decimal:
        """What a call may cost."""
        return self.usd(*_MOST_TOKENS)

    @property
    def reading(self) -> Helper:
        """It, as one that looks at photos."""
        return Helper(self.name, self.usd(*_READING_TOKENS), self.expected)

    @property
    def writing(self) -> Helper:
        """It, as one that writes style phrases."""
        return Helper(self.name, self.usd(*_WRITING_TOKENS), self.expected)


def _language(name: str, usd_in: str, usd_out: str) -> LanguageModel:
    return LanguageModel(name, Decimal(usd_in), Decimal(usd_out))


LANGUAGES: Final[Mapping[str, LanguageModel]] = {
    model.name: model
    for model in (
        _language("gpt-6-luna", "0.10", "0.50"),
        _language("gpt-6.1-terra", "1", "5"),
        _language("gpt-6.1-sol", "2", "10"),
        _language("gpt-6-sol", "2", "10"),
        _language("gpt-6-astra", "10", "50"),
        _language("gpt-5.6-luna", "0.20", "1.20"),
        _language("gpt-5.4-mini", "0.75", "4.50"),
    )
}
"""Those that see pictures, answer by a schema and have no day to retire on, by name."""


def turn_of(model: LanguageModel) -> str:
    """Return the name of a model's own gate: OpenAI limits each model by itself."""
    return f"{PROVIDER}/{model.name}"
