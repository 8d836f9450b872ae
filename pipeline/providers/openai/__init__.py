"""Models at OpenAI, through its own SDK."""
