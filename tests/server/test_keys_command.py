"""`designer-bff keys`, on a database of its own."""

from pathlib import Path
from uuid import UUID

import pytest

from server.__main__ import main


@pytest.fixture
def keys_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.mark.usefixtures("keys_database")
def test_a_key_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "create", "--user", "Ada", "--label", "laptop", "--days", "3"]) == 0
    text = capsys.readouterr().out.splitlines()[0]
    assert text.startswith("dbff_")

    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert "  until 2" in listed
    assert "  Ada  read+write  made 2" in listed
    assert "laptop" in listed
    assert text not in listed

    key_id = listed.split()[0]
    assert main(["keys", "revoke", key_id]) == 0
    assert "is void" in capsys.readouterr().out
    assert main(["keys", "list"]) == 0
    assert "revoked" in capsys.readouterr().out


@pytest.mark.usefixtures("keys_database")
@pytest.mark.parametrize("given", ["nonsense", "0b6f1c1e-2f8e-4a51-9a3f-6f0f5e9b7c10"])
def test_an_unknown_key_is_one_sentence(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "revoke", given]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


@pytest.mark.usefixtures("keys_database")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--user", ""], "needs a name"),
        (["--user", "  "], "needs a name"),
        (["--user", "Ada", "--days", "0"], "--days is from 1"),
        (["--user", "Ada", "--days", "-3"], "--days is from 1"),
        (["--user", "Ada", "--days", "99999999"], "--days is from 1"),
    ],
)
def test_a_key_that_nobody_could_use_is_not_made(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "create", *given]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("keys_database")
def test_no_key_is_said_beside_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr() == ("", "None yet.\n")


@pytest.mark.parametrize(
    "given", [["list"], ["create", "--user", "Ada"], ["revoke", str(UUID(int=1))]]
)
def test_a_database_of_yours_is_not_migrated_on_the_quiet(
    given: list[str],
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    assert main(["keys", *given]) == 2
    assert "run designer-bff migrate" in capsys.readouterr().err
    assert main(["keys", *given]) == 2


def test_the_embedded_database_gets_its_tables(
    postgres_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(postgres_folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["keys", "create", "--user", "Ada"]) == 0
    assert capsys.readouterr().out.startswith("dbff_")
