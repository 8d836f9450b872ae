"""What the log must not tell."""

import logging
import sys

from server.logs import Discreet, secrets_of
from server.settings import Settings

ENVIRON = {
    "OPENAI_API_KEY": "sk-very-secret",
    "DATABASE_URL": "postgresql://app:hunter2@db.example/designer",
}


def entry(message: str, *arguments: object, failed: bool = False) -> str:
    formatter = Discreet(secrets_of(Settings.from_environ(ENVIRON)))
    error = sys.exc_info() if failed else None
    record = logging.LogRecord("server", logging.INFO, "", 1, message, arguments, error)
    return formatter.format(record)


def test_an_entry_is_one_line_with_its_origin() -> None:
    assert entry("%s of %s", 3, 4).endswith(" INFO server: 3 of 4")


def test_keys_and_passwords_are_blanked_out() -> None:
    text = entry("%s", "sk-very-secret hunter2 dbff_AbC-d_9 postgresql://app:hunter2@db.example/x")
    assert text.endswith("[secret] [secret] [secret] postgresql://app:[secret]@db.example/x")


def test_a_traceback_is_blanked_out_too() -> None:
    try:
        int("sk-very-secret")
    except ValueError:
        text = entry("failed", failed=True)
    assert "invalid literal for int() with base 10: '[secret]'" in text
    assert "very-secret" not in text


def test_without_secrets_only_api_keys_are_looked_for() -> None:
    assert secrets_of(Settings()) == set()
