"""The served OpenAPI document: true to itself, and no request that it allows breaks the server.

schemathesis makes requests from the document, right ones and wrong ones.
"""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from app.catalogue import OPERATIONS
from app.operation import Operation
from app.web.openapi import document
from tests.fixtures.answers import check_answer
from tests.fixtures.api import Api, Person, bearer

SCHEMA = schemathesis.openapi.from_dict(document())
EXAMPLES = 12
SKIPPED = {"POST /auth/logout", "DELETE /auth/sessions", "POST /users/login"}
"""These end the caller's own session, or hash passwords."""


async def test_the_document_is_served(api: Api) -> None:
    served = (await api.http.get("/api/v1/openapi.json")).json()
    assert served["openapi"].startswith("3.1")
    assert len({(p, m) for p, methods in served["paths"].items() for m in methods}) == len(
        OPERATIONS
    )
    for methods in served["paths"].values():
        for described in methods.values():
            assert {"401", "422", "429", "503"} <= set(described["responses"])
    page = await api.http.get("/docs")
    assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")


@pytest.fixture(scope="module")
async def ana(api: Api) -> Person:
    return await api.person()


@pytest.mark.parametrize(
    "operation",
    [op for op in OPERATIONS if f"{op.method} {op.path}" not in SKIPPED],
    ids=lambda op: f"{op.method} {op.path}",
)
async def test_no_request_breaks_the_server(api: Api, ana: Person, operation: Operation) -> None:
    described = SCHEMA[operation.path][operation.method]
    strategies = [
        described.as_strategy(generation_mode=mode)
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    ]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*strategies))
    def collect(case: Any) -> None:
        cases.append(case)

    cases: list[Any] = []
    collect()
    for case in cases:
        answer = await send(api, ana, case)
        if answer is None:
            continue
        assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.text}"
        if answer.status_code not in (404, 405):  # a made-up path may be another's or nobody's
            check_answer(operation.method, case.formatted_path, answer)
            declared = described.definition.raw["responses"]
            assert str(answer.status_code) in declared, f"{answer.status_code} {answer.text}"


async def send(api: Api, ana: Person, case: Any) -> httpx.Response | None:
    """The answer; None for what can't be written as HTTP at all."""
    sent = case.as_transport_kwargs(base_url="http://x/api/v1")
    headers = {**dict(sent.get("headers") or {}), **bearer(ana.token)}
    try:
        return await api.http.request(
            sent["method"],
            httpx.URL(sent["url"].removeprefix("http://x")),
            params=sent.get("params") or None,
            headers=headers,
            json=sent.get("json"),
            content=sent.get("data"),
        )
    except (UnicodeEncodeError, httpx.InvalidURL, ValueError, TypeError):
        return None
