"""The GraphQL types: what clients see."""
