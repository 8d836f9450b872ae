"""Image and vision models, one module a vendor."""
