"""The catalogue that comes with the product."""

from pipeline.catalogue import embedded, openai, openai_words, replicate
from pipeline.catalogue.model import Catalogue

SHIPPED = Catalogue(
    models=(*embedded.MODELS, *replicate.MODELS, *openai.MODELS),
    aliases={
        "google-imagen": "imagen-4-ultra",
        "imagen": "imagen-4-ultra",
        "gemini-image": "nano-banana-pro",
        "stable-diffusion": "stable-diffusion-3.5-large",
        "sd3.5": "stable-diffusion-3.5-large",
        "flux": "flux-1.1-pro",
        "flux-pro": "flux-1.1-pro",
        "flux-ultra": "flux-1.1-pro-ultra",
        "flux-2": "flux-2-pro",
        "ideogram": "ideogram-v3-balanced",
        "ideogram-v3": "ideogram-v3-balanced",
        "recraft": "recraft-v3",
        "seedream": "seedream-4",
        "dalle": "dall-e-3",
        "dalle-3": "dall-e-3",
        "openai-dalle": "dall-e-3",
        "gpt-image": "gpt-image-2.6-flare",
        "gpt-image-2.6": "gpt-image-2.6-flare",
        "gpt-image-2.5": "gpt-image-2.5-flare",
    },
    beside=tuple(model.entry for model in openai_words.LANGUAGES.values()),
)
