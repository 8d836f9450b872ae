"""The image models as data, one module a provider."""
