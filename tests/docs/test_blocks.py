"""Every block of the documents does what it says: each kind has its test, and no block has none."""

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.docs import commands, node
from tests.docs.markdown import ALL, DOCUMENTS, ROOT, Block, blocks, inline_code, prose
from tests.docs.severing import severed

ADDRESS = "http://127.0.0.1:8000"
KINDS = {"sh", "graphql", "json", "python", "ts", "text"}
SCHEMA = ROOT / "schema/schema.graphql"
NAME = re.compile(r"\b[A-Z]{4,}\b")

FROM_A_SENTENCE = r"""
start="generateFromPrompt(input: \$input) { ... on Generation { id } }"
curl -sS "$api" -H 'Content-Type: application/json' -d '{
  "query": "mutation ($input: GenerateFromPromptInput!) { '"$start"' }",
  "variables": {"input": {"prompt": "a red hat", "settings": {"enhance": true}}}
}' | sed 's/.*"id": *"\([^"]*\)".*/\1/'
"""


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in ALL if block.language in kinds]


def on_paper() -> list[Block]:
    return [block for block in of_kind("sh") if commands.stays_on_paper(block.text)]


def name(value: Block | Path) -> str:
    return value.place if isinstance(value, Block) else str(value.relative_to(ROOT))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


@pytest.mark.parametrize("block", ALL, ids=name)
def test_a_block_is_of_a_kind_that_is_tested(block: Block) -> None:
    assert block.language in KINDS


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if blocks(one)], ids=name)
def test_shell_blocks_run_one_after_the_other(document: Path, clone: Path, server: str) -> None:
    """Variables go on from block to block, as in the reader's shell."""
    environment = {
        "PATH": f"{commands.BINARIES}:{os.environ['PATH']}",
        "HOME": str(clone),
        "DATA_DIR": str(clone / "data"),
    }
    for block in blocks(document):
        if block.language != "sh" or commands.stays_on_paper(block.text):
            continue
        printed, environment = ran(block, clone, environment, server)
        assert complaints(printed) == [], block.place
        if block.shown is not None:
            assert re.fullmatch(pattern(block.shown), printed, re.DOTALL), printed


def ran(
    block: Block, folder: Path, environment: dict[str, str], server: str
) -> tuple[str, dict[str, str]]:
    """Run it and return what it printed, and the variables as it left them."""
    script = f"set -a\n{block.text.replace(ADDRESS, server)}\nenv -0 >variables\n"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{block.place}\n{done.stdout}{done.stderr}"
    left = (folder / "variables").read_text().split("\0")
    return done.stdout, dict(one.split("=", 1) for one in left if one)


def complaints(printed: str) -> list[object]:
    """Return what the server complained of, in answers and in events."""
    found: list[object] = []
    for line in printed.splitlines():
        text = line.removeprefix("data: ")
        if text.startswith("{"):
            found += [one for one in objects(json.loads(text)) if {"errors", "code"} & one.keys()]
    return found


def objects(value: object) -> Iterator[dict[str, object]]:
    """Yield all objects in a JSON value."""
    match value:
        case dict():
            yield value
            for one in value.values():
                yield from objects(one)
        case list():
            for one in value:
                yield from objects(one)
        case _:
            pass


def pattern(shown: str) -> str:
    """Return the expression for what a document shows, where `…` stands for anything."""
    return r".*?".join(re.escape(part) for part in shown.strip().split("…")) + r"\s*"


@pytest.mark.parametrize("block", on_paper(), ids=name)
def test_commands_that_stay_on_paper_are_understood(block: Block) -> None:
    for line in commands.lines(block.text):
        commands.check(line)


@pytest.mark.parametrize("block", [one for one in on_paper() if one.shown], ids=name)
def test_what_serves_begins_as_shown(block: Block, clone: Path) -> None:
    program, *arguments = commands.lines(block.text)[0]
    command = [str(commands.BINARIES / program), *arguments]
    shown = (block.shown or "").splitlines(keepends=True)
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = "".join(process.stdout.readline() for _ in shown)
        finally:
            process.terminate()
    assert re.fullmatch(pattern("".join(shown)), said, re.DOTALL), said


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_commands_in_prose_are_understood(document: Path) -> None:
    for code in inline_code(document):
        if re.match(r"(\./dev|designer-bff) [a-z]", code):
            commands.check(commands.lines(code)[0])


@pytest.mark.parametrize("block", of_kind("graphql"), ids=name)
def test_operations_fit_the_schema(block: Block, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(block.text)) == []


@pytest.mark.parametrize("block", of_kind("json"), ids=name)
def test_json_can_be_read(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", of_kind("python"), ids=name)
async def test_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may await at its top level, and write where it stands."""
    monkeypatch.chdir(tmp_path)
    code = compile(block.text, block.place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, {})
    if waiting is not None:
        await waiting


@pytest.mark.parametrize("block", of_kind("text"), ids=name)
def test_drawings_use_the_words_of_the_schema(block: Block) -> None:
    declared = set(NAME.findall(SCHEMA.read_text()))
    assert [word for word in NAME.findall(block.text) if word not in declared] == []


@pytest.mark.parametrize("block", of_kind("ts"), ids=name)
def test_typescript_watches_and_resumes(block: Block, clone: Path, server: str) -> None:
    """The connection breaks in the middle, and still every event is printed, once and in order."""
    packages = node.packages()
    (clone / "node_modules").symlink_to(packages / "node_modules")
    (clone / "watch.mts").write_text(block.text)
    compiler = clone / "node_modules/typescript/bin/tsc"
    options = "--noEmit --strict --target esnext --module nodenext --types node --skipLibCheck"
    node.run(compiler, *options.split(), "watch.mts", cwd=clone)

    start = Block(block.document, block.line, "sh", FROM_A_SENTENCE)
    run, _ = ran(start, clone, {"PATH": os.environ["PATH"], "api": f"{server}/graphql"}, server)
    with severed(urlsplit(server).port or 0, limit=1500) as way:
        address = f"ws://127.0.0.1:{way.address}/graphql"
        printed = node.run("watch.mts", run.strip(), address, cwd=clone)
    assert way.connections == 2
    numbers = [int(line.split()[0]) for line in printed.splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert printed.splitlines()[-1].endswith("COMPLETED")


@pytest.mark.parametrize("block", of_kind("ts"), ids=name)
def test_typescript_says_why_it_cannot_watch(block: Block, clone: Path, server: str) -> None:
    (clone / "node_modules").symlink_to(node.packages() / "node_modules")
    (clone / "watch.mts").write_text(block.text)
    command: list[str | Path] = [node.NODE, "watch.mts", "nobody"]
    address = f"{server.replace('http', 'ws', 1)}/graphql"
    refused = subprocess.run(
        [*command, address], cwd=clone, capture_output=True, text=True, timeout=30, check=False
    )
    assert refused.returncode != 0
    assert "NOT_FOUND" in refused.stderr

    lost = [*command, f"{address}/lost"]
    with subprocess.Popen(lost, cwd=clone, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert "connecting again" in process.stderr.readline()
        finally:
            process.terminate()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    links: list[str] = re.findall(r"\]\(([^)#]+)[^)]*\)", prose(document))
    near = [link for link in links if "://" not in link]
    assert [link for link in near if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_paths_in_prose_exist(document: Path) -> None:
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir())
    paths = [code for code in inline_code(document) if re.fullmatch(rf"({folders})/[\w./-]*", code)]
    assert [path for path in paths if not (ROOT / path).exists()] == []
