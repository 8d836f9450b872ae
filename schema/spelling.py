"""Which values can be written down."""

from pipeline.records.json_values import Json


def storable(value: Json) -> bool:
    """Return whether `value`'s texts are free of NUL and of lone surrogates.

    UTF-8 and PostgreSQL have no place for those.
    """
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
        case dict():
            return all(storable(key) and storable(item) for key, item in value.items())
        case list():
            return all(storable(item) for item in value)
        case _:
            return True
