"""Local servers that speak the wire formats of Replicate and OpenAI, for work without keys."""
