"""The ASGI application that is Replicate."""

import httpx
from starlette.routing import BaseRoute

from twin.buckets import Bucket
from twin.replicate.files import Files
from twin.replicate.lives import Lives
from twin.replicate.routes import Api
from twin.replicate.webhooks import Sender, key_of
from twin.state import Twin


def routes(twin: Twin, client: httpx.AsyncClient) -> list[BaseRoute]:
    """Return the endpoints; webhooks go out through `client`."""
    limits = twin.config.limits
    lives = Lives(twin, Files(), Sender(client, key_of(twin.config.seed)))
    api = Api(
        twin,
        lives,
        Bucket(limits.creates, limits.window),
        Bucket(limits.others, limits.window),
    )
    return [*api.routes()]
