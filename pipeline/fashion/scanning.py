"""Finding the lexicon's phrases in a sentence."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain

from pipeline.fashion.colours import BY_NAME, hex_of, may_begin
from pipeline.fashion.lexicon_bottoms import DRESSES, OTHERS, SHOES, SKIRTS, TROUSERS
from pipeline.fashion.lexicon_cloth import FABRICS, PATTERNS, PRINTS
from pipeline.fashion.lexicon_cut import (
    CLOSURES,
    COLLARS,
    FITS,
    LENGTHS,
    MAKING,
    NECKLINES,
    SILHOUETTES,
    SLEEVES,
)
from pipeline.fashion.lexicon_mood import AESTHETICS
from pipeline.fashion.lexicon_tops import HATS, OUTERWEAR, TOPS
from pipeline.fashion.spelling import mended
from pipeline.fashion.terms import Garment, Word, words

GARMENTS: tuple[Garment, ...] = (
    *chain(TOPS, OUTERWEAR, HATS, DRESSES, SKIRTS, TROUSERS, SHOES, OTHERS),
)
WORDS: tuple[Word, ...] = (
    *chain(FABRICS, PATTERNS, PRINTS, SILHOUETTES, NECKLINES, SLEEVES, LENGTHS),
    *chain(COLLARS, CLOSURES, FITS, MAKING, AESTHETICS),
)
STOPS = frozenset(",.;:!?()")

_TOKEN = re.compile(r"#[0-9a-f]{6}\b|[^\W_]+|[,.;:!?()&]")
# Plurals that mean something else than their singular.
_PLURALS = words(
    "shorts pants flats heels pumps slides cords laces overalls denims khakis oxfords "
    "wedges mules clogs slacks corduroys tights"
)
# How many words a negator reaches: "no visible zip or buttons", but "not too short a skirt".
_NEGATORS = {
    **dict.fromkeys(("no", "without", "remove", "omit"), 4),
    **dict.fromkeys(("neither", "nor", "instead"), 3),
    **dict.fromkeys(("lose the", "skip the", "drop the"), 4),
    **dict.fromkeys(("minus", "never", "not"), 2),
    "non": 1,
}
_NEGATION_ENDS = STOPS | {"but", "and", "with", "in", "just", "only"}


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase at tokens start..end (exclusive); a colour has its words and no terms."""

    start: int
    end: int
    terms: tuple[Garment | Word, ...]
    colour: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A sentence's tokens, lower case and without accents, and what was found in them."""

    tokens: tuple[str, ...]
    found: tuple[Found, ...]


def scan(text: str) -> Scan:
    """Find the longest phrases from left to right; none overlap."""
    tokens = tuple(map(_spelt, _TOKEN.findall(_folded(text))))
    return Scan(tokens, tuple(_found(tokens)))


@lru_cache(maxsize=4096)
def _spelt(token: str) -> str:
    return token if stem(token) in _vocabulary() else mended(token, _vocabulary())


@cache
def _vocabulary() -> frozenset[str]:
    """Return the words that phrases and colours are made of, plurals among them."""
    phrases = (word for found in _index().values() for phrase, _ in found for word in phrase)
    colours = (word for name in BY_NAME for word in re.split("[ -]", name))
    singular = {*phrases, *colours}
    return frozenset({*singular, *(f"{word}s" for word in singular if not word.endswith("s"))})


def stem(word: str) -> str:
    """Return a word without its plural ending."""
    if word in _PLURALS or len(word) <= 3 or word.endswith("ss") or not word.endswith("s"):
        return word
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


def negated_at(tokens: tuple[str, ...], at: int, listed: int = 5) -> bool:
    """Whether a negator stands within its reach before, in the same clause."""
    for distance, word in enumerate(reversed(tokens[max(0, at - 4) : at]), start=1):
        reach = _NEGATORS.get(word) or _NEGATORS.get(" ".join(tokens[at - distance :][:2]))
        if reach:
            return distance <= reach
        if word == "or" and at - distance > 0 and listed:
            return negated_at(tokens, at - distance - 1, listed - 1)
        if word in _NEGATION_ENDS:
            return False
    return False


@lru_cache(maxsize=1024)
def stems_of(text: str) -> tuple[str, ...]:
    """Return a phrase as it is compared: folded, split and without plural endings."""
    return tuple(stem(token) for token in _TOKEN.findall(_folded(text)))


@cache
def by_slot() -> dict[tuple[str, tuple[str, ...]], str]:
    """Return the value for each slot and written form, the value itself among them."""
    return {
        (word.slot, stems_of(written)): word.value
        for word in reversed(WORDS)
        for written in (word.value, *word.also)
    }


def _folded(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in split if not unicodedata.combining(c))
    return re.sub(r"\bgray", "grey", plain)


def _found(tokens: tuple[str, ...]) -> Iterator[Found]:
    at = 0
    stems = tuple(stem(token) for token in tokens)
    while at < len(tokens):
        length, terms = _phrase(stems, at)
        if stems[at + length : at + length + 1] == ("half",):
            length = 0  # the "top half" is no top
        colour_length = _colour(tokens, at)
        negated = negated_at(tokens, at)
        if colour_length > length:
            colour = " ".join(tokens[at : at + colour_length])
            yield Found(at, at + colour_length, (), colour, negated)
        elif length:
            yield Found(at, at + length, terms, negated=negated)
        at += max(length, colour_length, 1)


def _phrase(stems: tuple[str, ...], at: int) -> tuple[int, tuple[Garment | Word, ...]]:
    for phrase, terms in _index().get(stems[at], ()):
        if stems[at : at + len(phrase)] == phrase:
            return len(phrase), terms
    return 0, ()


def _colour(tokens: tuple[str, ...], at: int) -> int:
    if not may_begin(tokens[at]):
        return 0
    most = min(3, len(tokens) - at)
    lengths = (n for n in range(most, 0, -1) if hex_of(" ".join(tokens[at : at + n])))
    return next((n for n in lengths if not STOPS & {*tokens[at : at + n]}), 0)


def _written(term: Garment | Word) -> Iterable[str]:
    if isinstance(term, Garment):
        return (term.name, *term.also)
    return (term.value, *term.also) if term.spoken else term.also


@cache
def _index() -> dict[str, list[tuple[tuple[str, ...], tuple[Garment | Word, ...]]]]:
    """Return the phrases by their first word, longest first."""
    phrases: dict[tuple[str, ...], tuple[Garment | Word, ...]] = {}
    for term in chain[Garment | Word](GARMENTS, WORDS):
        for written in _written(term):
            phrase = stems_of(written)
            if term not in phrases.get(phrase, ()):
                phrases[phrase] = (*phrases.get(phrase, ()), term)
    index: dict[str, list[tuple[tuple[str, ...], tuple[Garment | Word, ...]]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        index.setdefault(phrase[0], []).append((phrase, phrases[phrase]))
    return index
