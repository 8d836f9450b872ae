import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SITE = sysconfig.get_paths()["purelib"]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_every_file_of_our_packages(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    tracked = run("git", "ls-files", "--", *packages, cwd=ROOT).splitlines()
    assert set(zipfile.ZipFile(wheel).namelist()) >= {
        name for name in tracked if (ROOT / name).exists()
    }
    assert "migrations/0001_tables.sql" in tracked


def test_it_works_in_an_environment_and_a_folder_of_its_own(
    wheel: Path, tmp_path: Path, postgres_folder: Path
) -> None:
    environment, empty = tmp_path / "environment", tmp_path / "empty"
    empty.mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=empty)
    python = environment / "bin" / "python"
    install = (
        "--quiet",
        "pip",
        "install",
        "--offline",
        "--no-cache",
        "--no-deps",
        "--python",
        python,
        wheel,
    )
    run(Path(sys.executable).parent / "uv", *install, cwd=empty)
    site = run(python, "-c", "import sysconfig as s; print(s.get_paths()['purelib'])", cwd=empty)
    # The dependencies are borrowed, which leaves our own editable install behind.
    Path(site.strip(), "dependencies.pth").write_text(SITE)
    assert run(python, "-c", "import server; print(server.__file__)", cwd=empty).startswith(
        str(environment)
    )
    program = environment / "bin" / "designer-bff"
    assert run(program, "--version", cwd=empty).startswith("designer-bff ")
    told = run(program, "migrate", cwd=empty, DATA_DIR=str(postgres_folder / "data"))
    assert told.startswith("applied 0001_tables.sql\n")
    assert not list(empty.iterdir())
