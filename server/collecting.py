"""When the garbage collector looks, in a process that holds much for long."""

import gc
from typing import Final

_YOUNG: Final = 20_000
_MIDDLING: Final = 20
_OLD: Final = 50


def settle() -> None:
    """Leave alone what is there by now, and look through the rest in larger portions.

    A process with thousands of sockets holds a million objects, few of them in cycles: looking
    through them as often as Python does took a quarter of the time of a delivery.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLING, _OLD)
