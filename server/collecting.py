"""When memory is looked through and given back, in a process that holds much for long."""

import ctypes
import gc
import sys
from typing import Final

_YOUNG: Final = 20_000
_MIDDLING: Final = 20
_OLD: Final = 50
# Of the C libraries, glibc has it.
_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def settle() -> None:
    """Leave alone what is there by now, and look through the rest in larger portions.

    A process with thousands of sockets holds a million objects, few of them in cycles: looking
    through them as often as Python does took a quarter of the time of a delivery.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLING, _OLD)


def give_back() -> None:
    """Give the system what was freed and is kept for the next time; it takes milliseconds.

    Loading the weights of the analysis leaves 25 MB of that.
    """
    if _TRIM is not None:
        _TRIM(0)
