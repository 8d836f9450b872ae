"""What somebody may have meant by a name that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_ALIKE: Final = 0.8


def meant(given: str, names: Iterable[str]) -> str | None:
    """Return the name that is spelt most like what was given, None where none is close."""
    plain = {_plain(name): name for name in names}
    found = get_close_matches(_plain(given), plain, n=1, cutoff=_ALIKE)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
