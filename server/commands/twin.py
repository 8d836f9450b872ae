"""Stand in for Replicate and OpenAI on this machine."""

import argparse
import asyncio
import signal
from dataclasses import replace
from pathlib import Path

from pipeline.errors import DesignerError
from twin.config import Config, Latency, Tls
from twin.script import BadScript, Rule, rules_from
from twin.serving import running

HELP = "serve local twins of Replicate and OpenAI, with scripted latency, faults and a bill"

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CannotStart(DesignerError):
    """The twin can't do what it was told; the message says what to change."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Take where to serve and how to behave."""
    port = "port of the twin of %s; 0 (the default) is any free one"
    parser.add_argument("--port-replicate", type=int, default=0, help=port % "Replicate")
    parser.add_argument("--port-openai", type=int, default=0, help=port % "OpenAI")
    parser.add_argument("--scale", type=_scale, default=1.0, help="0 answers at once, 1 as slowly")
    parser.add_argument("--seed", type=int, default=0, help="of latency, faults and pictures")
    parser.add_argument("--faults", type=Path, metavar="FILE", help="a fault script, as JSON")
    parser.add_argument("--bill", type=Path, default=Path("twin-bill.jsonl"), metavar="FILE")
    parser.add_argument("--serve-retired", action="store_true", help="also models that are gone")
    parser.add_argument("--guarded-files", action="store_true", help="output files want the token")
    parser.add_argument(
        "--variety", type=int, metavar="N", help="only N different pictures of a prompt"
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="serve https (PEM)")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's key (PEM)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal says otherwise."""
    asyncio.run(_serve(_config(arguments)))
    return 0


async def _serve(config: Config) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in _SIGNALS:
        loop.add_signal_handler(one, ended.set)
    async with running(config) as twin:
        for name, value in twin.environment.items():
            print(f"export {name}={value}")
        print(f"# the bill is {config.bill}; Ctrl+C ends the twin", flush=True)
        await ended.wait()


def _config(arguments: argparse.Namespace) -> Config:
    if bool(arguments.certificate) != bool(arguments.key):
        raise CannotStart("A certificate needs its key: give both --certificate and --key")
    tls = Tls(arguments.certificate, arguments.key) if arguments.key else None
    return Config(
        bill=arguments.bill,
        seed=arguments.seed,
        latency=replace(Latency(), scale=arguments.scale),
        rules=_rules(arguments.faults) if arguments.faults else (),
        serve_retired=arguments.serve_retired,
        variety=arguments.variety,
        guarded_files=arguments.guarded_files,
        replicate_port=arguments.port_replicate,
        openai_port=arguments.port_openai,
        tls=tls,
    )


def _rules(file: Path) -> tuple[Rule, ...]:
    try:
        return rules_from(file.read_bytes())
    except OSError as error:
        raise CannotStart(
            f"{file} cannot be read ({error.strerror}): give a fault script"
        ) from error
    except BadScript as error:
        raise CannotStart(f"{file} is no fault script: {error}") from error


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 <= scale <= 1:
        raise argparse.ArgumentTypeError("give a number from 0 to 1")
    return scale
