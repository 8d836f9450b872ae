"""Fault scripts for a twin: a little of everything that can go wrong, at both providers."""

from typing import Any

Rule = dict[str, Any]

WORK = ("create", "generate", "edit", "respond")
PICTURES = ("truncated", "empty", "blank", "html")
FILES = ("cut", "expired", "foreign")
HOOKS = ("lost", "duplicated", "late", "swapped", "replayed", "forged")


def rule(endpoint: str, share: float, kind: str, **rest: object) -> Rule:
    """Return a rule that hits a share of an endpoint's requests."""
    return {
        "fault": {"kind": kind, **rest},
        "where": {"endpoint": endpoint},
        "when": {"share": share},
    }


def everything(share: float) -> list[Rule]:
    """Return rules of which each hits that share of what it is about."""
    rules: list[Rule] = []
    for endpoint in WORK:
        rules += [
            rule(endpoint, share, "throttled", retry_after=1),
            rule(endpoint, share, "refused"),
            rule(endpoint, share, "failed"),
            *(
                rule(endpoint, share, kind, accepted=accepted)
                for kind in ("broken", "dropped", "hanging")
                for accepted in (False, True)
            ),
            *(rule(endpoint, share / 2, "spoiled", how=how) for how in PICTURES),
        ]
    rules += [rule("create", share / 2, "spoiled", how=how) for how in FILES]
    rules += [rule("create", share / 2, "shaped", shape=shape) for shape in ("list", "data")]
    rules += [rule("create", 2 * share, "hooked", how=how) for how in HOOKS]
    for endpoint in ("get", "list"):
        rules += [rule(endpoint, share, kind) for kind in ("broken", "dropped", "throttled")]
    return rules
