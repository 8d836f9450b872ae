"""GraphQL over HTTP: media types, statuses, and requests that are none."""

import json
from typing import Any

import httpx
import pytest

from server.app import Parts, create_app

RESPONSE = "application/graphql-response+json"


async def ask(site: httpx.AsyncClient, query: object, accept: str = RESPONSE) -> httpx.Response:
    return await site.post("/graphql", json={"query": query}, headers={"Accept": accept})


def problem(answer: httpx.Response) -> str:
    body: dict[str, Any] = answer.json()
    assert set(body) == {"errors"}
    found: str = body["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (RESPONSE, RESPONSE),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("image/png", "application/json"),
        (f"{RESPONSE}, application/json", RESPONSE),
        (f"{RESPONSE};charset=utf-8, application/json;q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.5, application/json", "application/json"),
        (f"application/json;q=0.1, */*;q=0.5, {RESPONSE};q=0.4", RESPONSE),
        (f"{RESPONSE};q=nonsense, application/json", "application/json"),
    ],
)
async def test_the_client_chooses_the_media_type(
    site: httpx.AsyncClient, accept: str, kind: str
) -> None:
    answer = await ask(site, "{ me }", accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.json() == {"data": {"me": "Local designer"}}


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query ($n: Int!) { me @skip(if: $n) }"])
async def test_a_request_error_has_no_data(site: httpx.AsyncClient, query: str) -> None:
    newer = await ask(site, query)
    assert newer.status_code == 400
    older = await ask(site, query, "application/json")
    assert older.status_code == 200
    for answer in (newer, older):
        assert "data" not in answer.json()
        assert answer.json()["errors"]


async def test_a_field_error_keeps_the_data(site: httpx.AsyncClient) -> None:
    answer = await ask(site, "{ boom }")
    assert answer.status_code == 200
    assert answer.json()["data"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"5",
        b'"{ me }"',
        b"[]",
        b'[{"query": "{ me }"}]',
        b"{}",
        b'{"query": 5}',
        b'{"query": ""}',
        b'{"query": "{ me }", "variables": "x"}',
        b'{"query": "{ me }", "variables": []}',
        b'{"query": "{ me }", "extensions": 0}',
        b'{"query": "{ me }", "operationName": "Missing"}',
        b'{"query": "{ me }", "operationName": {}}',
        b"[" * 200_000,
    ],
)
async def test_what_is_no_request_is_a_400_in_json(site: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Accept": RESPONSE}
    answer = await site.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("accept", [RESPONSE, "text/event-stream"])
async def test_one_of_several_operations_has_to_be_named(
    site: httpx.AsyncClient, accept: str
) -> None:
    body = {"query": "query A { me } query B { again: me }"}
    answer = await site.post("/graphql", json=body, headers={"Accept": accept})
    assert (answer.status_code, problem(answer)) == (400, "BAD_REQUEST")
    assert "operation name" in answer.json()["errors"][0]["message"]
    named = await site.post("/graphql", json={**body, "operationName": "B"})
    assert named.json() == {"data": {"again": "Local designer"}}


async def test_a_subscription_needs_a_stream(site: httpx.AsyncClient) -> None:
    query = "subscription { ticks(until: 1) { seq } }"
    answer = await ask(site, query, "application/json")
    assert (answer.status_code, problem(answer)) == (400, "BAD_REQUEST")
    assert "text/event-stream" in answer.json()["errors"][0]["message"]
    both = {"query": f"query Me {{ me }} {query.replace('{', 'Ticks {', 1)}"}
    me = await site.post("/graphql", json={**both, "operationName": "Me"})
    assert me.json() == {"data": {"me": "Local designer"}}
    ticks = await site.post("/graphql", json={**both, "operationName": "Ticks"})
    assert problem(ticks) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("operations", "mapping", "told"),
    [
        ("{", "{}", "JSON"),
        ("5", "{}", "no GraphQL request"),
        ('{"query": "{ me }"}', "[]", "`map` must be"),
        ('{"query": "{ me }", "variables": {}}', '{"0": 5}', "`map` must be"),
        ('{"query": "{ me }", "variables": {}}', '{"0": [5]}', "`map` must be"),
        ('{"query": "{ me }"}', '{"0": ["variables.f"]}', '"variables.f"'),
        (
            '{"query": "{ me }", "variables": {"f": []}}',
            '{"0": ["variables.f.x"]}',
            "variables.f.x",
        ),
        (
            '{"query": "{ me }", "variables": {"f": []}}',
            '{"0": ["variables.f.7"]}',
            "variables.f.7",
        ),
        ('{"query": "{ me }", "variables": null}', '{"0": ["variables.f"]}', '"variables.f"'),
        ('{"query": "{ me }", "variables": {}}', '{"lost": ["variables.f"]}', '"lost"'),
    ],
)
async def test_a_multipart_request_that_does_not_fit_is_a_400(
    site: httpx.AsyncClient, operations: str, mapping: str, told: str
) -> None:
    answer = await site.post(
        "/graphql",
        data={"operations": operations, "map": mapping},
        files={"0": ("a.jpg", b"x", "image/jpeg")},
        headers={"GraphQL-Require-Preflight": "1"},
    )
    assert answer.status_code == 400
    assert told in answer.json()["errors"][0]["message"]


async def test_a_query_may_come_by_get_and_a_mutation_not(site: httpx.AsyncClient) -> None:
    variables = json.dumps({})
    answer = await site.get("/graphql", params={"query": "{ me }", "variables": variables})
    assert answer.json() == {"data": {"me": "Local designer"}}
    refused = await site.get("/graphql", params={"query": "mutation { weigh(file: null) }"})
    assert refused.status_code == 400
    assert problem(refused) == "BAD_REQUEST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(site: httpx.AsyncClient, method: str) -> None:
    answer = await site.request(method, "/graphql", json={"query": "{ me }"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert problem(answer) == "METHOD_NOT_ALLOWED"


async def test_a_browser_gets_the_page_and_a_program_does_not(site: httpx.AsyncClient) -> None:
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    page = await site.get("/", headers={"Accept": browser}, follow_redirects=True)
    assert page.url.path == "/graphql"
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for accept in ("*/*", "application/json"):
        answer = await site.get("/graphql", headers={"Accept": accept})
        assert answer.status_code == 400
        assert problem(answer) == "BAD_REQUEST"


async def test_the_key_says_who_asks(site: httpx.AsyncClient) -> None:
    site.headers["Authorization"] = "Bearer dbff_ada"
    assert (await ask(site, "{ me }")).json() == {"data": {"me": "Ada"}}


@pytest.mark.parametrize("given", ["Bearer dbff_eve", "Bearer", "Basic YWRhOmFkYQ==", "dbff_ada"])
async def test_a_wrong_key_is_refused_even_where_none_is_needed(
    site: httpx.AsyncClient, given: str
) -> None:
    site.headers["Authorization"] = given
    answer = await ask(site, "{ me }")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert problem(answer) == "UNAUTHENTICATED"


async def test_an_exposed_server_shows_the_page_and_asks_for_a_key(exposed: Parts) -> None:
    transport = httpx.ASGITransport(create_app(exposed))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example") as client:
        page = await client.get("/graphql", headers={"Accept": "text/html"})
        assert page.status_code == 200
        answer = await ask(client, "{ me }")
        assert (answer.status_code, problem(answer)) == (401, "UNAUTHENTICATED")
        client.headers["Authorization"] = "bearer  dbff_ada"
        assert (await ask(client, "{ me }")).json() == {"data": {"me": "Ada"}}


async def test_the_schema_can_be_had_as_text(site: httpx.AsyncClient, parts: Parts) -> None:
    answer = await site.get("/schema.graphql")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == parts.schema.as_str()
