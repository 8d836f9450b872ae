"""No dependency may bring a package by one of our top-level names: one would hide the other."""

import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

PROJECT = tomllib.loads(Path("pyproject.toml").read_text())
OURS = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def main() -> int:
    owners = packages_distributions()
    claimed = {
        name: strangers
        for name in sorted(OURS & owners.keys())
        if (strangers := set(owners[name]) - {PROJECT["project"]["name"]})
    }
    for name, strangers in claimed.items():
        print(f"{name}/ is also brought by {', '.join(sorted(strangers))}: replace that dependency")
    print(f"{len(OURS) - len(claimed)} of our {len(OURS)} names are ours alone")
    return 1 if claimed else 0


if __name__ == "__main__":
    sys.exit(main())
