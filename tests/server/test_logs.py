"""What the log must not tell."""

import logging
import subprocess
import sys
from io import StringIO

from server.logs import Discreet, in_one_line, secrets_of
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


def said_by(name: str) -> str:
    """Return what is logged of a failed connection by that logger."""
    error = ConnectionRefusedError(111, "Connect call failed\n  sk-very-secret")
    record = logging.LogRecord(name, logging.WARNING, "", 1, "retrying %s", ("soon",), None)
    record.exc_info = type(error), error, None
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(Discreet(secrets_of(Settings.from_environ(ENVIRON))))
    handler.addFilter(in_one_line)
    handler.handle(record)
    return str(handler.stream.getvalue())


def test_an_outage_of_the_database_is_a_line_an_entry() -> None:
    said = said_by("asyncpg.pool")
    assert said.endswith(" retrying soon: [Errno 111] Connect call failed [secret]\n")
    assert said.count("\n") == 1


def test_others_keep_their_tracebacks() -> None:
    assert "\nConnectionRefusedError: [Errno 111]" in said_by("server.endpoint")


def test_clients_that_say_something_a_request_are_quiet_at_info() -> None:
    script = """if True:
        import logging
        from server.logs import set_up
        from server.settings import Settings

        set_up(Settings())
        for name in ("httpx", "httpx2", "httpcore", "httpcore2", "server"):
            logging.getLogger(f"{name}.part").info("a request")
        try:
            open("/nowhere/at/all")
        except OSError:
            logging.getLogger("asyncpg.pool").warning("retrying", exc_info=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    first, second = done.stderr.splitlines()
    assert first.endswith(" INFO server.part: a request")
    assert " WARNING asyncpg.pool: retrying: [Errno 2] " in second
