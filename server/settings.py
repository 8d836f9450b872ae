"""Every setting: its variable, type, default and meaning, read once at the edge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Self, TypeVar

from pipeline.catalogue import openai, replicate
from pipeline.catalogue.model import EMBEDDED
from pipeline.catalogue.openai_words import LANGUAGES
from pipeline.domain import StageName
from pipeline.errors import DesignerError
from pipeline.markets import Retired
from server import dotenv, rules

T = TypeVar("T")

_ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound


class BadSetting(DesignerError):
    """A variable breaks its rule."""


def _setting(default: str, meaning: str, rule: Callable[[str], T], *, secret: bool = False) -> T:
    described = {"default": default, "meaning": meaning, "secret": secret, "rule": rule}
    return field(default_factory=lambda: rule(default), metadata=described, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment and `.env` decide; a field's variable is its name in capitals.

    Secrets are left out of its repr.
    """

    host: str = _setting(
        "127.0.0.1",
        "Address to listen on; any but a loopback one needs an API key to exist.",
        rules.text,
    )
    port: int = _setting("8000", "Port to listen on; 0 takes a free one.", rules.whole(0, 65535))
    public_url: str = _setting(
        "",
        "Where browsers reach this server, for the addresses of images; "
        "empty: http:// with HOST and PORT.",
        rules.address("http", "https"),
    )
    allowed_origins: tuple[str, ...] = _setting(
        "",
        "Sites whose pages may call a server that is not on loopback, "
        "as https://host, https://host; its own may always.",
        rules.origins,
    )
    data_dir: Path = _setting(  # noqa: RUF009 - it makes a field
        "",
        "Folder of the embedded PostgreSQL and the local object store; "
        "empty: /var/lib/designer-bff for root, ~/.local/share/designer-bff for others.",
        rules.data_dir,
    )
    database_url: str = _setting(
        "",
        "A PostgreSQL of yours, 15 or newer; empty: the embedded one.",
        rules.address("postgresql", "postgres"),
        secret=True,
    )
    database_direct_url: str = _setting(
        "",
        "The same database past a pgbouncer of transactions that DATABASE_URL leads to, for "
        "what needs a session of its own; empty: DATABASE_URL leads to PostgreSQL itself.",
        rules.address("postgresql", "postgres"),
        secret=True,
    )
    broadcast_url: str = _setting(
        "",
        "What wakes subscriptions in other processes: redis://host, rediss://host, "
        "postgres://host/database, or postgres:// for the database itself; "
        "empty: memory for one process, the database for several.",
        rules.broadcast,
        secret=True,
    )
    object_store: str = _setting(
        "",
        "Where images lie, as s3://bucket; empty: R2_BUCKET_NAME, or else a folder under DATA_DIR.",
        rules.address("s3"),
    )
    subscriptions_per_user: int = _setting(
        "100",
        "Subscriptions that a user may have at a time in one process.",
        rules.whole(1, 100_000),
    )
    subscriptions_per_process: int = _setting(
        "10000",
        "Subscriptions that one process takes, of all users together.",
        rules.whole(1, 100_000),
    )
    worker_slots: int = _setting(
        "4", "Generations that one worker runs at a time.", rules.whole(1, 1000)
    )
    lease_seconds: int = _setting(
        "6",
        "How long a worker may be silent before another takes its generations over.",
        rules.whole(1, 3600),
    )
    drain_seconds: int = _setting(
        "60",
        "How long a worker that is told to end waits for paid calls that nobody could ask about "
        "afterwards; what else is not done in three seconds is handed over.",
        rules.whole(0, 3600),
    )
    run_deadline_seconds: int = _setting(
        "1800",
        "How long a generation may take once it has begun; waiting for its turn at a provider "
        "does not count.",
        rules.whole(1, 86_400),
    )
    stage_deadline_seconds: Mapping[StageName, int] = _setting(
        "ANALYSIS=120, ENHANCEMENT=120, PERSONA=30, ROUTING=30, OPTIMIZATION=30, GENERATION=1200, "
        "DELIVERY=600",
        "How long each stage may take, likewise; what is left out has no deadline of its own.",
        rules.seconds_of(StageName),
    )
    keep_events_days: int = _setting(
        "30",
        "How long the events of a generation are kept after its end.",
        rules.whole(1, 36_500),
    )
    keep_checkpoints_days: int = _setting(
        "90",
        "How long the results of its stages are kept likewise; a retry after that does them again.",
        rules.whole(1, 36_500),
    )
    keep_jobs_days: int = _setting(
        "7", "How long the log of the queue is kept.", rules.whole(1, 36_500)
    )
    keep_idempotency_days: int = _setting(
        "7",
        "How long idempotency keys are kept, which clients are promised for seven days.",
        rules.whole(7, 36_500),
    )
    max_upload_mb: int = _setting(
        "20", "Size limit of an uploaded or fetched image, in MB.", rules.whole(1, 100)
    )
    fetch_allow: tuple[str, ...] = _setting(
        "",
        "Private hosts that images may be fetched from all the same, as host:port, host:port.",
        rules.endpoints,
    )
    fetch_ca: Path | None = _setting(  # noqa: RUF009 - likewise
        "", "File of extra certificate authorities for fetching images.", rules.path
    )
    log_level: str = _setting(
        "INFO",
        "How much is logged: DEBUG, INFO, WARNING or ERROR.",
        rules.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    )
    replicate_api_token: str = _setting(
        "", "Key for the image models at Replicate.", rules.text, secret=True
    )
    replicate_base_url: str = _setting(
        "https://api.replicate.com",
        "Where Replicate is, or its twin.",
        rules.address("http", "https"),
    )
    replicate_deadline_seconds: int = _setting(
        "180",
        "How long an image may take at Replicate before it is stopped there.",
        rules.whole(5, 1800),
    )
    replicate_per_minute: int = _setting(
        "100", "Calls to Replicate in a minute, of all workers together.", rules.whole(1, 100_000)
    )
    replicate_at_once: int = _setting(
        "50", "Images under way at Replicate, of all workers together.", rules.whole(1, 10_000)
    )
    webhook_url: str = _setting(
        "",
        "Where providers reach this server, for their webhooks, as https://host; "
        "empty: it asks them again and again instead.",
        rules.address("http", "https"),
    )
    openai_api_key: str = _setting("", "Key for the models at OpenAI.", rules.text, secret=True)
    openai_base_url: str = _setting(
        "https://api.openai.com/v1", "Where OpenAI is, or its twin.", rules.address("http", "https")
    )
    openai_deadline_seconds: int = _setting(
        "300",
        "How long an image may take at OpenAI before its outcome counts as unknown.",
        rules.whole(5, 1800),
    )
    openai_per_minute: int = _setting(
        "50",
        "Images asked of OpenAI in a minute, of all workers together.",
        rules.whole(1, 100_000),
    )
    openai_at_once: int = _setting(
        "25", "Images under way at OpenAI, of all workers together.", rules.whole(1, 10_000)
    )
    openai_partial_images: int = _setting(
        "1",
        "How often OpenAI shows an image on its way, 0 to 3; each time costs about 0.003 dollars.",
        rules.whole(0, 3),
    )
    openai_vision_model: str = _setting(
        "gpt-6.1-terra", "Model at OpenAI that looks at photos.", rules.one_of_names(*LANGUAGES)
    )
    openai_text_model: str = _setting(
        "gpt-6-luna", "Model at OpenAI that writes style phrases.", rules.one_of_names(*LANGUAGES)
    )
    retired_models: Retired = _setting(  # noqa: RUF009 - likewise
        "refuse",
        "What becomes of a wish for a retired model: refuse it, run its successor and say so, "
        "or use it all the same, which is for a twin that serves it.",
        rules.member(Retired),
    )
    r2_access_key_id: str = _setting("", "Key id for Cloudflare R2.", rules.text, secret=True)
    r2_secret_access_key: str = _setting(
        "", "Secret key for Cloudflare R2.", rules.text, secret=True
    )
    r2_bucket_name: str = _setting("", "Bucket at Cloudflare R2.", rules.text)
    r2_account_id: str = _setting("", "Account of that bucket at Cloudflare.", rules.text)
    r2_endpoint: str = _setting(
        "",
        "Address of the S3 service, in place of the account's at Cloudflare.",
        rules.address("http", "https"),
    )
    r2_cdn_url: str = _setting(
        "",
        "Public address of that bucket; empty: the server sends browsers on to addresses that "
        "are good for an hour.",
        rules.address("http", "https"),
    )
    storage_usd_per_gb_month: Decimal = _setting(  # noqa: RUF009 - likewise
        "0.015",
        "What a bucket costs a month in US dollars per GB, for estimates; the default is R2's.",
        rules.amount,
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], env_file: Path | None = None) -> Self:
        """Read variables, those of `env_file` where the environment has none.

        An empty variable means its default. Raises `BadSetting` and `dotenv.BadDotenv`.
        """
        found = {**(dotenv.read(env_file) if env_file else {}), **environ}
        found["DATA_DIR"] = found.get("DATA_DIR") or str(rules.default_data_dir(environ))
        given = {one: found[one.variable].strip() for one in described() if one.variable in found}
        return cls(**{one.field: one.read(text) for one, text in given.items() if text})

    @property
    def providers(self) -> frozenset[str]:
        """The providers whose models can be called: the embedded ones, and those with a key."""
        keys = {
            replicate.PROVIDER: self.replicate_api_token,
            openai.PROVIDER: self.openai_api_key,
        }
        return frozenset({EMBEDDED, *(name for name, key in keys.items() if key)})

    @property
    def direct_url(self) -> str:
        """The database past any pooler, empty for the embedded one."""
        return self.database_direct_url or self.database_url

    @property
    def base_url(self) -> str:
        """Where browsers reach the server, without a slash at the end."""
        return self.public_url or self.local_url

    @property
    def local_url(self) -> str:
        """Where this machine reaches the server."""
        host = "127.0.0.1" if self.host in _ANYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Described:
    """A setting as people meet it; `default` is text, "" where nothing is set."""

    field: str
    default: str
    meaning: str
    secret: bool
    rule: Callable[[str], Any]

    @property
    def variable(self) -> str:
        return self.field.upper()

    def read(self, text: str) -> Any:
        """Return the value of `text`; raises `BadSetting`."""
        try:
            return self.rule(text)
        except ValueError as rule:
            got = "" if self.secret else f", and is {text!r}"
            raise BadSetting(f"{self.variable} must be {rule}{got}: mend it or remove it") from None


def described() -> tuple[Described, ...]:
    return tuple(Described(field=one.name, **one.metadata) for one in fields(Settings))


def example() -> str:
    """Return the text of `.env.example`."""
    head = "# Copy this file to .env and set what you need; the environment goes before it.\n"
    return head + "".join(
        f"\n# {one.meaning}\n{one.variable}={one.default}\n" for one in described()
    )


def table() -> str:
    """Return the settings as a Markdown table."""
    head = "| variable | default | meaning |\n|---|---|---|\n"
    return head + "".join(
        f"| `{one.variable}` | {f'`{one.default}`' if one.default else ''} | {one.meaning} |\n"
        for one in described()
    )
