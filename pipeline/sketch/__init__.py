"""The embedded image model: a garment's spec drawn as a fashion flat."""
