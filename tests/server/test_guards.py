"""A hostile page that the designer visits, against the server on their machine."""

from dataclasses import replace

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.app import Parts, create_app

HOSTILE = "https://evil.example"
FORM = "multipart/form-data; boundary=x"
QUERY = {"query": "{ me }"}
TRANSPORT = [Subprotocol("graphql-transport-ws")]


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "127.8.8.8", "[::1]:80"]
)
async def test_loopback_by_any_name_is_answered(site: httpx.AsyncClient, host: str) -> None:
    answer = await site.post("/graphql", json=QUERY, headers={"Host": host})
    assert answer.json() == {"data": {"me": "Local designer"}}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:8000.evil.example",
        "evil.example@localhost",
        "0.0.0.0:8000",
        "192.168.0.7",
        "[::ffff:10.0.0.1]",
        "localhost:port",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/health", "/objects/x", "/static/page.css"])
async def test_a_name_pointed_at_loopback_gets_nothing(
    site: httpx.AsyncClient, host: str, path: str
) -> None:
    answer = await site.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert code(answer) == "HOST_REFUSED"


@pytest.mark.parametrize("path", ["/graphql", "/health"])
@pytest.mark.parametrize(
    "origin", [HOSTILE, "null", "http://localhost.evil.example", "file://", "http://10.0.0.1:8000"]
)
async def test_another_site_s_script_is_refused(
    site: httpx.AsyncClient, origin: str, path: str
) -> None:
    for answer in (
        await site.post(path, json=QUERY, headers={"Origin": origin}),
        await site.get(path, params=QUERY, headers={"Origin": origin}),
    ):
        assert answer.status_code == 403
        assert code(answer) == "ORIGIN_REFUSED"
        assert "access-control-allow-origin" not in answer.headers


async def test_another_site_s_preflight_is_refused(site: httpx.AsyncClient) -> None:
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "graphql-require-preflight",
    }
    answer = await site.options("/graphql", headers={"Origin": HOSTILE, **asking})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "http://127.0.0.1:5173", "https://localhost", "http://[::1]:4200"],
)
async def test_the_designer_s_own_frontend_may_call(site: httpx.AsyncClient, origin: str) -> None:
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, last-event-id, traceparent",
    }
    asked = await site.options("/graphql", headers={"Origin": origin, **asking})
    assert asked.status_code == 200
    allowed = asked.headers["access-control-allow-headers"]
    assert allowed == asking["Access-Control-Request-Headers"]
    answer = await site.post("/graphql", json=QUERY, headers={"Origin": origin})
    assert answer.status_code == 200
    for one in (asked, answer):
        assert one.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in one.headers
        assert "Origin" in one.headers["vary"]


async def test_a_refusal_can_be_read_by_the_own_frontend(site: httpx.AsyncClient) -> None:
    headers = {"Origin": "http://localhost:3000", "Content-Type": FORM}
    answer = await site.post("/graphql", content=b"--x--", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"


@pytest.mark.parametrize("kind", [FORM, "Multipart/Form-Data"])
async def test_an_upload_needs_the_header(site: httpx.AsyncClient, kind: str) -> None:
    answer = await site.post("/graphql", content=b"--x--", headers={"Content-Type": kind})
    assert answer.status_code == 403
    assert code(answer) == "PREFLIGHT_REQUIRED"


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "Text/Plain;charset=utf-8", ""]
)
async def test_what_else_a_form_can_send_is_refused(site: httpx.AsyncClient, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for more in ({}, {"GraphQL-Require-Preflight": "1"}):
        answer = await site.post(
            "/graphql", content=b'{"query": "{ me }"}', headers={**headers, **more}
        )
        assert answer.status_code == 415
        assert code(answer) == "UNSUPPORTED_MEDIA_TYPE"
        assert "application/json" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("name", ["GraphQL-Require-Preflight", "Apollo-Require-Preflight"])
async def test_an_upload_with_the_header_arrives(site: httpx.AsyncClient, name: str) -> None:
    answer = await site.post(
        "/graphql",
        data={
            "operations": '{"query": "mutation ($f: Upload!) { weigh(file: $f) }",'
            ' "variables": {"f": null}}',
            "map": '{"0": ["variables.f"]}',
        },
        files={"0": ("photo.jpg", b"x" * 1_500_000, "image/jpeg")},
        headers={name: "1"},
    )
    assert answer.json() == {"data": {"weigh": 1_500_000}}


async def test_another_site_may_show_a_picture_but_not_embed_a_query(
    site: httpx.AsyncClient,
) -> None:
    embedding = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    refused = await site.get("/graphql", params=QUERY, headers=embedding)
    assert (refused.status_code, code(refused)) == (403, "ORIGIN_REFUSED")
    assert (await site.get("/objects/none", headers=embedding)).status_code == 404
    following = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    page = await site.get("/graphql", headers={**following, "Accept": "text/html"})
    assert page.status_code == 200


@pytest.mark.parametrize("origin", [HOSTILE, "null", "http://localhost.evil.example"])
async def test_another_site_s_socket_is_not_opened(live: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(
            f"{live.replace('http', 'ws')}/graphql",
            subprotocols=TRANSPORT,
            origin=Origin(origin),
            proxy=None,
        ):
            pass
    assert caught.value.response.status_code == 403


async def test_a_rebound_name_opens_no_socket(live: str) -> None:
    port = httpx.URL(live).port
    with pytest.raises(InvalidStatus) as caught:
        async with connect(
            f"ws://evil.example:{port}/graphql",
            host="127.0.0.1",
            port=port,
            subprotocols=TRANSPORT,
            proxy=None,
        ):
            pass
    assert caught.value.response.status_code == 421


@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "http://127.0.0.1:5173"])
async def test_own_pages_and_programs_open_sockets(live: str, origin: str | None) -> None:
    given = Origin(origin) if origin else None
    async with connect(
        f"{live.replace('http', 'ws')}/graphql", subprotocols=TRANSPORT, origin=given, proxy=None
    ) as socket:
        assert socket.subprotocol == "graphql-transport-ws"


async def test_another_site_s_event_source_is_refused(site: httpx.AsyncClient) -> None:
    answer = await site.get(
        "/graphql",
        params={"query": "subscription { ticks(until: 1) { seq } }"},
        headers={"Accept": "text/event-stream", "Origin": HOSTILE},
    )
    assert answer.status_code == 403


async def test_an_exposed_server_lets_pages_of_the_sites_it_is_told_call(exposed: Parts) -> None:
    app = create_app(replace(exposed, origins=("https://studio.example",)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example") as client:
        asking = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        for origin, allowed in (("https://studio.example", True), (HOSTILE, False)):
            answer = await client.options("/graphql", headers={"Origin": origin, **asking})
            assert (answer.status_code == 200) == allowed
            assert answer.headers.get("access-control-allow-origin") == (
                origin if allowed else None
            )


async def test_an_exposed_server_answers_by_any_name_and_needs_the_header_too(
    exposed: Parts,
) -> None:
    transport = httpx.ASGITransport(create_app(exposed))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example") as client:
        assert (await client.get("/health")).status_code == 200
        refused = await client.post("/graphql", content=b"", headers={"Content-Type": FORM})
        assert (refused.status_code, code(refused)) == (403, "PREFLIGHT_REQUIRED")
