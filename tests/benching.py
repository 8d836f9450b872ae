"""Short forms of benchmarks, as tests run them."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 60


def bench(name: str, *options: str) -> dict[str, Any]:
    """Run it, which has to find no problem, and return its figures."""
    command = [sys.executable, "-P", "-m", f"benchmarks.{name}", *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            told, complaints = process.communicate()
        except KeyboardInterrupt:
            # It ends what it has started.
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
            raise
    assert process.returncode == 0, complaints
    figures: dict[str, Any] = json.loads(told.splitlines()[-1])
    return figures
