"""schemathesis asks the running service whatever its OpenAPI document allows, and what it does not."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from restock.warehouse import connect
from restock.watch.look import look
from tests.intake import IntakeService, intake_service
from tests.warehouse.own_warehouse import own_warehouse


@pytest.fixture(scope="module")
def service(
    postgres_url: str, warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IntakeService]:
    with (
        own_warehouse(postgres_url, warehouse_template) as url,
        intake_service(url, tmp_path_factory.mktemp("intake")) as running,
    ):
        # Otherwise the health of the pipeline is bad.
        with connect(url) as connection:
            look(connection, lambda: None, datetime.now(UTC), "test")
        yield running


FOR_OPERATORS = {"/v1/stock", "/v1/suppressions", "/v1/erasures", "/v1/exports"}
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def ask_all(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> int:
    """Ask one operation with what its description allows, or with what it forbids. How often."""
    asked = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        case.call_and_validate(headers=headers, checks=CHECKS)

    # Nothing can be wrong about a call that takes nothing.
    with contextlib.suppress(Unsatisfiable):
        ask()
    return asked


def test_nothing_that_the_document_allows_or_forbids_brings_the_service_to_fall(service: IntakeService):
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 11
    for operation in operations:
        key = "warehouse" if operation.path in FOR_OPERATORS else "shop"
        asked = [
            ask_all(operation, mode, service.authorization(key))
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        ]
        assert sum(asked) >= (1 if operation.path.startswith("/v1/health") else 10), operation.label
    assert "Traceback" not in service.log.read_text()


def test_the_document_describes_every_call_and_its_problems(service: IntakeService):
    document = service.client.get(f"{service.url}/openapi.json").json()
    assert document["servers"] == [{"url": service.url}]
    calls = {f"{method.upper()} {path}": call for path, of in document["paths"].items() for method, call in of.items()}
    assert set(calls) == {
        "POST /v1/requests",
        "POST /v1/requests/bulk",
        "GET /v1/requests",
        "GET /v1/requests/{request_id}",
        "POST /v1/cancellations",
        "POST /v1/stock",
        "POST /v1/suppressions",
        "POST /v1/erasures",
        "POST /v1/exports",
        "GET /v1/health",
        "GET /v1/health/pipeline",
    }
    for name, call in calls.items():
        if not name.startswith("GET /v1/health"):
            assert call["security"] == [{"HTTPBearer": []}]
            assert {"401", "403", "422", "503"} <= set(call["responses"])
            assert "application/problem+json" in call["responses"]["422"]["content"]
    # It works without the internet: no page that loads scripts from elsewhere.
    assert service.client.get(f"{service.url}/docs").status_code == 404
