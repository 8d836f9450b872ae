"""From our request to the parameters of the Images API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline import mapping
from pipeline.catalogue.inputs import Value
from pipeline.catalogue.model import CatalogueModel
from pipeline.errors import StageFailed
from pipeline.imaging import ImageRequest, Reference
from pipeline.mapping import Wishes
from pipeline.ratios import nearest

_FIDELITY: Final = "input_fidelity"
_CLOSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asking:
    """What a model is asked, with the photos that go along."""

    given: Mapping[str, Value]
    references: tuple[Reference, ...]
    warnings: tuple[str, ...]


def asking(model: CatalogueModel, request: ImageRequest) -> Asking:
    """Put the request into the model's parameters.

    Raises `StageFailed` where the model would refuse them: that is an error of our catalogue.
    """
    inputs = model.inputs
    if inputs is None:
        raise LookupError(f"{model.key} is not asked by fields")
    wording = mapping.worded(model, request.prompt)
    references = mapping.fitting(model, request.references)
    given: dict[str, Value] = {
        **inputs.constants,
        inputs.prompt: wording.text,
        **inputs.ratios[nearest(request.aspect_ratio, inputs.ratios)],
        **inputs.qualities.get(request.quality, {}),
    }
    if model.supports_style and request.style is not None:
        given["style"] = request.style.lower()
    if references and model.follows_influence and inputs.named(_FIDELITY):
        given[_FIDELITY] = "high" if request.source_influence >= _CLOSE else "low"
    if request.partials and model.partial_usd is not None:
        given |= {"stream": True, "partial_images": request.partials}
    if problems := inputs.problems(given):
        reasons = "; ".join(problems)
        raise StageFailed(f"{model.display_name} can't be asked so: {reasons}", code="BAD_MAPPING")
    unmet = mapping.unmet(model, Wishes.of_request(request))
    return Asking({"model": model.slug, **given}, references, (*unmet, *wording.warnings))
