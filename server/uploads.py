"""The files of a multipart request, put where its map says that they go."""

from collections.abc import Mapping
from typing import Any, Final, cast

from cross_web import HTTPException

_SHAPE: Final = '`map` must be an object of lists of paths, such as {"0": ["variables.file"]}.'


def placed(operations: Any, places: object, files: Mapping[str, object]) -> Any:
    """Return `operations` with the files in it; raises a 400 that says what does not fit."""
    if not isinstance(places, dict):
        raise HTTPException(400, _SHAPE)
    for part, paths in cast("dict[str, object]", places).items():
        if not isinstance(paths, list):
            raise HTTPException(400, _SHAPE)
        if part not in files:
            raise HTTPException(
                400, f'`map` names the part "{part}", which was not sent as a file.'
            )
        for path in cast("list[object]", paths):
            _place(operations, path, files[part])
    return operations


def _place(operations: Any, path: object, file: object) -> None:
    if not isinstance(path, str):
        raise HTTPException(400, _SHAPE)
    *parents, last = path.split(".")
    target = operations
    try:
        for key in parents:
            target = target[int(key) if isinstance(target, list) else key]
        target[int(last) if isinstance(target, list) else last] = file
    except (LookupError, TypeError, ValueError) as error:
        raise HTTPException(
            400, f'`map` points to "{path}", and `operations` has no such place: put a null there.'
        ) from error
