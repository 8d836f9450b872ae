import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import trustme
from openai import AsyncOpenAI

from twin.config import OPENAI_KEY, Tls
from twin.serving import Running

Start = Callable[..., Awaitable[Running]]


async def test_it_speaks_https_with_a_certificate(start: Start, tmp_path: Path) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    tls = Tls(tmp_path / "certificate.pem", tmp_path / "key.pem")
    leaf.cert_chain_pems[0].write_to_path(str(tls.certificate))
    leaf.private_key_pem.write_to_path(str(tls.key))
    twin = await start(tls=tls)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with httpx.AsyncClient(verify=context) as http:
        answer = await http.get(f"{twin.replicate}/_twin/bill")
    assert twin.replicate.startswith("https://127.0.0.1:")
    assert answer.json() == {"usd": "0", "charges": []}


async def test_with_a_variety_there_are_only_so_many_pictures(start: Start) -> None:
    twin = await start(variety=1)
    async with AsyncOpenAI(api_key=OPENAI_KEY, base_url=twin.openai, max_retries=0) as client:
        answer = await client.images.generate(
            model="gpt-image-2.5-flare", prompt="a hat", quality="low", n=3
        )
    assert answer.data is not None
    assert len(answer.data) == 3
    assert len({image.b64_json for image in answer.data}) == 1
