"""`designer-bff ledger`, on a database of its own."""

import asyncio
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest

from server.__main__ import main
from storage.accounts import LOCAL, ensure_local_viewer

GENERATION = """
insert into generations (id, workspace_id, user_id, mode, status, settings, prompt)
values ($1, $2, $3, 'FROM_PROMPT', 'FAILED', '{}', 'a gown')
"""
CALL = """
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, provider,
                     state, amount, reserved, external_id, note)
values (gen_random_uuid(), $1, $2, $3, 0, 1, 'gpt-image-2', 'openai', 'UNKNOWN', 0.053, 0.053,
        'req_' || gen_random_uuid(), 'the connection was cut')
returning id
"""


class Books:
    """The ledger behind the command, with a call that nobody can tell of."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.generation = uuid4()

    def fetchval(self, statement: str, *arguments: object) -> object:
        async def ask() -> object:
            connection = await asyncpg.connect(self._dsn)
            try:
                return await connection.fetchval(statement, *arguments)
            finally:
                await connection.close()

        return asyncio.run(ask())

    def prepare(self) -> None:
        async def fill() -> None:
            async with asyncpg.create_pool(self._dsn, min_size=1, max_size=1) as pool:
                await ensure_local_viewer(pool)

        asyncio.run(fill())
        self.fetchval(GENERATION, self.generation, LOCAL.workspace, LOCAL.user)

    def uncertain(self) -> UUID:
        made = self.fetchval(CALL, LOCAL.workspace, LOCAL.user, self.generation)
        assert isinstance(made, UUID)
        return made

    def state(self, call: UUID) -> object:
        return self.fetchval("select state || ' ' || amount from charges where id = $1", call)

    @property
    def spent(self) -> object:
        return self.fetchval("select cost from generations where id = $1", self.generation)

    @property
    def budget(self) -> object:
        return self.fetchval("select daily_budget from workspaces where id = $1", LOCAL.workspace)


@pytest.fixture
def books(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setenv("DATABASE_URL", database_url)
    books = Books(database_url)
    books.prepare()
    return books


def test_calls_of_unknown_outcome_are_listed(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "unknown"]) == 0
    assert capsys.readouterr() == ("", "None yet.\n")
    call = books.uncertain()
    assert main(["ledger", "unknown"]) == 0
    books.uncertain()
    assert main(["ledger", "unknown"]) == 0
    told = capsys.readouterr()
    assert told.err == "1 in all, $0.053 held\n2 in all, $0.106 held\n"
    line = told.out.splitlines()[0]
    request = books.fetchval("select external_id from charges where id = $1", call)
    assert f" request {request} of {LOCAL.name}: generation" in line
    assert line.startswith(f"{call} ")
    assert "$0.053 openai/gpt-image-2" in line
    assert f"generation {books.generation} image 1: the connection was cut" in line


def test_what_was_billed_is_settled_at_what_it_cost(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    held, dearer = books.uncertain(), books.uncertain()
    assert main(["ledger", "resolve", str(held), "settled"]) == 0
    assert capsys.readouterr().out == f"{held} is settled\n"
    assert books.state(held) == "SETTLED 0.053000"
    assert main(["ledger", "resolve", str(dearer), "settled", "--amount", "0.06"]) == 0
    assert books.state(dearer) == "SETTLED 0.060000"
    assert books.spent == Decimal("0.113")


def test_what_was_not_billed_is_released_once(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    call = books.uncertain()
    assert main(["ledger", "resolve", str(call), "released"]) == 0
    assert books.state(call) == "RELEASED 0.000000"
    assert books.spent == 0
    capsys.readouterr()
    assert main(["ledger", "resolve", str(call), "settled"]) == 2
    assert "waits for a decision" in capsys.readouterr().err
    assert books.state(call) == "RELEASED 0.000000"


def test_a_budget_is_set_and_lifted(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "budget", LOCAL.name, "5.00"]) == 0
    assert capsys.readouterr().out == f"{LOCAL.name}: $5.00 a day\n"
    assert books.budget == 5
    assert main(["ledger", "budget", LOCAL.name, "none"]) == 0
    assert capsys.readouterr().out == f"{LOCAL.name}: no limit\n"
    assert books.budget is None


def test_budgets_are_listed_and_users_named(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    books.uncertain()
    assert main(["ledger", "budget", LOCAL.name, "5"]) == 0
    assert main(["ledger", "budget", "Nobody", "5"]) == 2
    assert main(["ledger", "budget"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"{LOCAL.name}: $5.00 a day",
        (
            f"{LOCAL.name}: $5.00 a day; today $0.053 spent, $0.053 of it held, "
            "and $0 reserved by running work"
        ),
    ]
    assert told.err == (f"designer-bff: There is no user 'Nobody'; known are: {LOCAL.name!r}\n")


def test_what_is_released_has_no_amount(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    call = books.uncertain()
    assert main(["ledger", "resolve", str(call), "released", "--amount", "1"]) == 2
    assert "--amount goes with settled" in capsys.readouterr().err
    assert books.state(call) == "UNKNOWN 0.053000"


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    "given",
    [
        ["resolve", "nonsense", "settled"],
        ["resolve", str(UUID(int=0)), "released"],
        ["resolve", str(UUID(int=0)), "settled", "--amount", "much"],
        ["resolve", str(UUID(int=0)), "settled", "--amount=-1"],
        ["resolve", str(UUID(int=0)), "released", "--amount", "1"],
        ["budget", LOCAL.name, "NaN"],
        ["budget", LOCAL.name],
        ["budget", "Nobody", "5"],
    ],
)
def test_what_is_wrong_is_one_sentence(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", *given]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("designer-bff: ")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    "given", [["unknown"], ["resolve", str(UUID(int=0)), "settled"], ["budget", LOCAL.name, "5"]]
)
def test_a_database_without_tables_is_one_sentence(
    given: list[str],
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    assert main(["ledger", *given]) == 2
    told = capsys.readouterr().err
    assert "run designer-bff migrate" in told
    assert told.count("\n") == 1
