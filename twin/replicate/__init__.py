"""The twin of Replicate's HTTP API, version 1."""
