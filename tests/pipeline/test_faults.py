"""What goes wrong at providers is counted, and told without the user's words."""

import pytest

from pipeline.errors import CallFailed, ContentRejected
from pipeline.faults import Faults
from tests.pipeline.stages.dress_run import RUN


def test_a_fault_is_counted_by_provider_and_code_and_told_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = Faults()
    faults.note("replicate", "flux", RUN.id, 1, CallFailed("a red gown broke"))
    faults.note("replicate", "flux", RUN.id, 1, CallFailed("a red gown broke"))
    faults.note("openai", "gpt", RUN.id, 0, ContentRejected("a red gown", charged=True))

    assert faults.counts == {
        ("replicate", "PROVIDER_FAILED"): 2,
        ("openai", "CONTENT_REJECTED"): 1,
    }
    assert caplog.messages[0] == (
        f"flux of replicate made no image 2 of generation {RUN.id}: PROVIDER_FAILED"
    )
    assert caplog.messages[2].endswith("CONTENT_REJECTED, charged")
    assert "gown" not in caplog.text
    assert {record.levelname for record in caplog.records} == {"WARNING"}
