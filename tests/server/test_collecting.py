import platform
import subprocess
import sys

import pytest

SCRIPT = """
import psutil
from server.collecting import give_back
used = psutil.Process().memory_info
# The last block is kept, or the C library would give the others back of its own accord.
*blocks, last = (bytearray(4000) for _ in range(25_000))
blocks.clear()
before = used().rss
give_back()
print((before - used().rss) >> 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have no such call")
def test_freed_memory_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 50
