"""The models that run here: no key, no network, no cost."""

from decimal import Decimal

from pipeline.catalogue.model import EMBEDDED, CatalogueModel, Price
from pipeline.domain import AspectRatio

SKETCH = CatalogueModel(
    key="sketch",
    provider=EMBEDDED,
    slug="sketch",
    display_name="Sketch (technical flat)",
    aspect_ratios=frozenset(AspectRatio),
    supports_seed=True,
    max_prompt_length=10_000,
    quality_rating=0.2,
    prices=(Price(Decimal(0)),),
)

MODELS = (SKETCH,)
