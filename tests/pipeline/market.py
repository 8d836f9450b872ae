"""What is on offer to briefs that are to be routed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipeline.catalogue.shipped import SHIPPED
from pipeline.domain import Brief, GenerationMode, GenerationSettings, RouteCandidate
from pipeline.markets import Market
from pipeline.routing import choose

NOW = datetime(2026, 11, 23, tzinfo=UTC)


HOME = Market(catalogue=SHIPPED, now=NOW)


BOTH = replace(HOME, configured=frozenset({"replicate", "openai"}))


def brief(**settings: Any) -> Brief:
    return Brief(
        mode=GenerationMode.FROM_PROMPT,
        prompt="a dress",
        settings=GenerationSettings(**settings),
    )


def candidate(route_of: Brief, key: str, market: Market = HOME) -> RouteCandidate:
    return next(one for one in choose(route_of, market).candidates if one.model == key)
