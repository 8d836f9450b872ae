"""What Dockerfile and compose.yaml say, as far as that shows without a container engine."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from server.settings import Settings, described
from tests.acceptance.serving import Serving
from tests.docs import commands

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
EXAMPLE = (ROOT / "compose.env.example").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
GIVEN = {"POSTGRES_PASSWORD": "word", "S3_KEY_ID": "key", "S3_SECRET_KEY": "secret"}


def instructions(name: str) -> list[str]:
    """Return what follows that word at the beginning of a line, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^ *{name} +(.+)$", joined, re.MULTILINE)


def filled_in(value: Any) -> Any:
    """Put the variables into what was read, as Compose does."""
    if isinstance(value, dict):
        return {name: filled_in(one) for name, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one) for one in value]
    return VARIABLE.sub(replaced, value) if isinstance(value, str) else value


def replaced(found: re.Match[str]) -> str:
    name, how, default = found.groups()
    return GIVEN[name] if how == "?" else GIVEN.get(name) or default or ""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = filled_in(import_module("yaml").safe_load(COMPOSE))["services"]
    return found


def tracked(*paths: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *paths], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_the_context_makes_the_whole_wheel(tmp_path: Path) -> None:
    rules = (ROOT / ".dockerignore").read_text().split()
    assert rules[0] == "*"
    files = tracked(*(rule[1:] for rule in rules if rule.startswith("!")))
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (build,) = (line for line in instructions("RUN") if "hatchling" in line)
    assert "-m hatchling build --target wheel --directory dist" in build
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", "dist"], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert inside >= {name for name in files if "/" in name}
    assert any(name.endswith("entry_points.txt") for name in inside)


def test_the_image_is_installed_by_hashes_and_runs_as_nobody_special() -> None:
    (install,) = (line for line in instructions("RUN") if "requirements.lock" in line)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert instructions("USER") == ["10001:10001"]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["designer-bff"]
    commands.check(["designer-bff", *json.loads(instructions("CMD")[-1])])
    assert not re.search(r"TOKEN|SECRET|PASSWORD|API_KEY", DOCKERFILE)
    settings = dict(re.findall(r"(\w+)=(\S+)", instructions("ENV")[0]))
    known = {one.variable for one in described()}
    Settings.from_environ({name: text for name, text in settings.items() if name in known})


@pytest.mark.parametrize("text", [DOCKERFILE, COMPOSE], ids=["Dockerfile", "compose.yaml"])
def test_images_have_a_version(text: str) -> None:
    named = re.findall(r"^(?:FROM| +image:) +(\S+)", text, re.MULTILINE)
    assert len(named) >= 2
    for image in named:
        assert image == "designer-bff" or re.search(r":\d+[\w.-]*$", image), image


def test_the_health_check_tells_a_server_from_none(product: Serving) -> None:
    (check,) = instructions("HEALTHCHECK")
    _, *arguments = json.loads(check.partition(" CMD ")[2])

    def healthy(port: str) -> bool:
        environ = {**os.environ, "PORT": port}
        done = subprocess.run([sys.executable, *arguments], env=environ, check=False)
        return done.returncode == 0

    assert healthy(product.url.rpartition(":")[2])
    assert not healthy("1")


def test_what_runs_the_program_has_settings_that_it_takes(services: dict[str, Any]) -> None:
    known = {one.variable for one in described()} | {"AWS_DEFAULT_REGION"}
    for name in ("api", "worker", "migrate"):
        service = services[name]
        assert set(service["environment"]) <= known
        settings = Settings.from_environ(service["environment"])
        assert settings.database_url == "postgresql://bff:word@postgres/bff"
        commands.check(["designer-bff", *service["command"]])
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_every_service_waits_for_what_can_tell_that_it_is_ready(services: dict[str, Any]) -> None:
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
            else:
                assert services[other]["restart"] == "no"
    for name in ("api", "worker"):
        assert services[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }


def test_a_worker_has_time_to_drain(services: dict[str, Any]) -> None:
    grace = int(services["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.from_environ({}).drain_seconds + 10


def test_nothing_is_open_to_the_network(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_variables_are_those_of_the_example_and_it_has_no_secret() -> None:
    named = dict(re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert {found[1] for found in VARIABLE.finditer(COMPOSE)} == set(named)
    required = {found[1] for found in VARIABLE.finditer(COMPOSE) if found[2] == "?"}
    assert required == set(GIVEN)
    assert not any(named[name] for name in required | {"REPLICATE_API_TOKEN", "OPENAI_API_KEY"})
