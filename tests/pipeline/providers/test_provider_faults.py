"""What providers' answers mean, where the twin does not say it so."""

from datetime import UTC, datetime

import httpx2
import openai
import pytest

from pipeline.catalogue.replicate import MODELS
from pipeline.errors import CallFailed, NeverRan, ProviderUnavailable, StageFailed
from pipeline.providers.openai import faults
from pipeline.providers.replicate.predictions import Prediction, fault_of

FAILED = Prediction(
    id="p",
    model=MODELS[0].slug,
    status="failed",
    created=datetime(2026, 11, 23, tzinfo=UTC),
    input={},
    output=None,
    error="E6716: timeout starting",
    started=False,
    removed=False,
    seconds=None,
)


def test_what_failed_before_it_started_is_not_asked_again_within_its_call() -> None:
    fault = fault_of(FAILED, MODELS[0])
    assert isinstance(fault, NeverRan)
    assert not fault.transient
    assert "E6716" in fault.message


def test_what_failed_after_it_started_ran() -> None:
    started = Prediction.read(
        {
            "id": "p",
            "status": "failed",
            "created_at": "2026-11-23T00:00:00Z",
            "started_at": "2026-11-23T00:00:01Z",
            "error": "E1000",
        }
    )
    assert isinstance(fault_of(started, MODELS[0]), CallFailed)


@pytest.mark.parametrize("status", [400, 404])
def test_a_model_that_is_gone_is_gone_whatever_the_status(status: int) -> None:
    request = httpx2.Request("POST", "https://api.openai.com/v1/images/generations")
    error = openai.APIStatusError(
        "gone",
        response=httpx2.Response(status, request=request),
        body={"code": "model_not_found", "message": "The model does not exist"},
    )
    fault = faults.fault_of(error)
    assert isinstance(fault, ProviderUnavailable)
    assert not fault.transient


def test_a_request_that_is_wrong_is_wrong_everywhere() -> None:
    request = httpx2.Request("POST", "https://api.openai.com/v1/images/generations")
    error = openai.APIStatusError(
        "wrong", response=httpx2.Response(400, request=request), body={"code": "invalid_size"}
    )
    assert type(faults.fault_of(error)) is StageFailed
