"""How much of a garment each of its colours covers, where nobody says."""

from collections.abc import Sequence
from itertools import chain, repeat

from pipeline.spec import ColorRole

ACCENT = 0.05
_BODY = (1.0, 0.5, 0.3, 0.2)


def shared(roles: Sequence[ColorRole], given: Sequence[float | None]) -> list[float]:
    """Return a share in 0..1 for each colour, adding up to 1 at most.

    Given ones are kept, scaled down only where they exceed 1 together; of what is left accents
    take little, and the first of the body most.
    """
    said = sum(share for share in given if share is not None)
    given = [share if share is None else share / max(said, 1.0) for share in given]
    still = [role for role, share in zip(roles, given, strict=True) if share is None]
    accent = min(ACCENT, max(1 - said, 0.0) / max(len(still), 1))
    left = max(1 - said, 0.0) - accent * still.count(ColorRole.ACCENT)
    weights = chain(_BODY, repeat(_BODY[-1]))
    body = [next(weights) for role in still if role is not ColorRole.ACCENT]
    parts = iter([left * weight / sum(body) for weight in body])
    return [
        round(
            share if share is not None else accent if role is ColorRole.ACCENT else next(parts), 4
        )
        for role, share in zip(roles, given, strict=True)
    ]
