import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from server.__main__ import main


async def test_it_says_how_to_reach_it_and_ends_at_sigterm(tmp_path: Path) -> None:
    bill = tmp_path / "bill.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server", "twin", "--scale", "0", "--bill", str(bill)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        lines = [(await process.stdout.readline()).decode().strip() for _ in range(5)]
        environment = dict(line.removeprefix("export ").split("=", 1) for line in lines[:4])
        async with AsyncOpenAI(
            api_key=environment["OPENAI_API_KEY"], base_url=environment["OPENAI_BASE_URL"]
        ) as client:
            await client.images.generate(model="gpt-image-2", prompt="a hat", quality="low")
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert environment.keys() == {
        "REPLICATE_BASE_URL",
        "REPLICATE_API_TOKEN",
        "OPENAI_BASE_URL",
        "OPENAI_API_KEY",
    }
    assert [json.loads(line)["model"] for line in bill.read_text().splitlines()] == ["gpt-image-2"]
    assert str(bill) in lines[4]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--faults", "missing.json"), "missing.json cannot be read (No such file or directory)"),
        (("--faults", "wrong.json"), "wrong.json is no fault script: 0.fault: "),
        (("--key", "key.pem"), "A certificate needs its key"),
    ],
)
def test_what_it_can_not_do_is_said_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.json").write_text('[{"fault": {"kind": "surprise"}}]')
    assert main(["twin", *arguments]) == 2
    assert said in capsys.readouterr().err
