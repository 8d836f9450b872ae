"""Which media type a client wants its GraphQL answer in."""

from typing import Final

RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"


def media_type(accept: str) -> str:
    """Return the offered type that `accept` (RFC 9110) ranks first; JSON where it doesn't say."""
    ranked = [_weighed(part) for part in accept.split(",") if part.strip()]
    weights = {offer: _weight(offer, ranked) for offer in (JSON, RESPONSE)}
    named = {name for name, _ in ranked}
    if weights[RESPONSE] > weights[JSON] or (
        # Old clients say */* or nothing and expect JSON; whoever names the newer type knows it.
        weights[RESPONSE] == weights[JSON] > 0 and RESPONSE in named
    ):
        return RESPONSE
    return JSON


def wants_page(accept: str) -> bool:
    """Whether it is a browser that wants a page to show."""
    return any(name == "text/html" for name, _ in map(_weighed, accept.split(",")))


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


def _weight(offer: str, ranked: list[tuple[str, float]]) -> float:
    weights = dict(ranked)
    for pattern in (offer, "application/*", "*/*"):
        if pattern in weights:
            return weights[pattern]
    return 0.0
