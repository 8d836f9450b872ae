"""Say what garment photos show."""

import argparse
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import StageFailed
from pipeline.records.reading import as_record
from pipeline.spec import GarmentSpec
from pipeline.vision.read import Reader

HELP = "read garment photos: type, colours, pattern, details, one JSON object a line"


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the photos."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a JPEG, PNG or WebP")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each file, in their order; return 1 if one of them could not be read."""
    cores = os.cpu_count() or 1
    read = Reader.load(threads=1 if len(arguments.files) > 1 else cores).read
    failed = False
    with ThreadPoolExecutor(cores) as pool:
        for record in pool.map(partial(_record, read), arguments.files):
            print(json.dumps(record, ensure_ascii=False), flush=True)
            failed = failed or "error" in record
    return 1 if failed else 0


def _record(read: Callable[[bytes], GarmentSpec], file: Path) -> dict[str, Any]:
    try:
        return {"file": str(file), **as_record(read(file.read_bytes()))}
    except OSError as error:
        failure = {"code": "NO_SUCH_FILE", "message": error.strerror or "It cannot be read."}
    except StageFailed as error:
        failure = {"code": error.code, "message": error.message}
    return {"file": str(file), "error": failure}
