from dataclasses import fields
from pathlib import Path

import pytest

from server import settings as module
from server.dotenv import BadDotenv
from server.settings import BadSetting, Settings, described

ROOT = Path(__file__).parents[2]


def test_nothing_set_means_the_embedded_defaults() -> None:
    settings = Settings.from_environ({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == settings.object_store == settings.broadcast_url == ""
    assert settings.data_dir.is_absolute()
    assert settings.data_dir.name == "designer-bff"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nHOST='::1'\n# LOG_LEVEL=x\nexport WORKER_SLOTS = 2  # two\n")
    settings = Settings.from_environ({"PORT": "9001", "HOST": ""}, file)
    assert settings.port == 9001
    assert settings.worker_slots == 2
    assert settings.log_level == "INFO"


def test_an_empty_variable_means_its_default() -> None:
    assert Settings.from_environ({"PORT": "", "DATA_DIR": " "}).port == 8000


def test_types() -> None:
    settings = Settings.from_environ(
        {"FETCH_ALLOW": "a.test:443, [::1]:8443", "LOG_LEVEL": "debug", "DATA_DIR": "~/here"}
    )
    assert settings.fetch_allow == ("a.test:443", "[::1]:8443")
    assert settings.log_level == "DEBUG"
    assert settings.data_dir == Path.home() / "here"


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("PORT", "http", "a whole number from 0 to 65535, and is 'http'"),
        ("OPENAI_TEXT_MODEL", "gpt-2", "one of gpt-6-luna, gpt-6.1-terra"),
        ("STORAGE_USD_PER_GB_MONTH", "-1", "an amount of US dollars"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("WORKER_SLOTS", "0", "a whole number from 1 to 1000"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO, WARNING, ERROR"),
        ("PUBLIC_URL", "example.test", "an address with http:// or https://"),
        ("BROADCAST_URL", "kafka://a.test", "an address with memory:// or redis://"),
        ("FETCH_ALLOW", "a.test", "a list of host:port"),
        ("ALLOWED_ORIGINS", "studio.example", "a list of https://host"),
        ("ALLOWED_ORIGINS", "https://studio.example/", "a list of https://host"),
        ("OBJECT_STORE", "ftp://images", "an address with s3://"),
    ],
)
def test_a_bad_value_is_named_with_its_rule(variable: str, value: str, rule: str) -> None:
    with pytest.raises(BadSetting, match=f"^{variable} must be {rule}"):
        Settings.from_environ({variable: value})


@pytest.mark.parametrize(
    "value",
    [
        "redis://",
        "redis://:6379",
        "redis://a.test:0",
        "redis://a.test:port",
        "redis://a.test/images",
        "redis://a.test?ssl_ca_certs=ca.pem",
        "rediss://a.test?protocol=3",
        "rediss://a.test?ssl_check_hostname=no",
    ],
)
def test_an_address_that_is_no_redis_is_refused(value: str) -> None:
    with pytest.raises(BadSetting, match=r"^BROADCAST_URL must be redis://\[user"):
        Settings.from_environ({"BROADCAST_URL": value})


@pytest.mark.parametrize(
    "value",
    ["redis://a.test", "redis://me:secret@[::1]:6379/2", "rediss://a.test/?ssl_ca_certs=/ca.pem"],
)
def test_an_address_of_a_redis_is_kept(value: str) -> None:
    assert Settings.from_environ({"BROADCAST_URL": value}).broadcast_url == value


def test_a_bad_secret_is_not_repeated() -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_environ({"DATABASE_URL": "mysql://me:hunter2@host/db"})
    assert "hunter2" not in str(refused.value)


def test_secrets_stay_out_of_the_repr() -> None:
    secrets = [one.variable for one in described() if one.secret]
    assert {"DATABASE_URL", "OPENAI_API_KEY", "R2_SECRET_ACCESS_KEY"} <= set(secrets)
    settings = Settings.from_environ(
        {name: "redis://hunter2" for name in secrets if "URL" not in name}
    )
    assert settings.openai_api_key == "redis://hunter2"
    assert "hunter2" not in repr(settings)


def test_a_bad_line_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\nnonsense\n")
    with pytest.raises(BadDotenv, match=r"line 2, is no setting"):
        Settings.from_environ({}, file)


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "0.0.0.0", "PORT": "80"}, "http://127.0.0.1:80"),
        ({"HOST": "::1"}, "http://[::1]:8000"),
        ({"PUBLIC_URL": "https://design.test/"}, "https://design.test"),
    ],
)
def test_base_url(environ: dict[str, str], address: str) -> None:
    assert Settings.from_environ(environ).base_url == address


def test_every_setting_is_explained() -> None:
    assert {one.field for one in described()} == {one.name for one in fields(Settings)}
    assert all(one.meaning.endswith(".") for one in described())


def test_the_example_file_is_the_settings() -> None:
    assert (ROOT / ".env.example").read_text() == module.example()


def test_the_example_file_means_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(module.example())
    assert Settings.from_environ({}, file) == Settings.from_environ({})


def test_the_documented_table_is_the_settings() -> None:
    assert module.table() in (ROOT / "docs" / "operations.md").read_text()
