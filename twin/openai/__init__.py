"""The twin of OpenAI's HTTP API: images, responses and models."""
