"""The progress of a run, on a terminal and elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

from pipeline.domain import GenerationStatus, Stage, StageName, StageStatus
from pipeline.events import StageChanged, StageProgress, StatusChanged
from server.progress import Progress, line

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RUNNING = Stage(name=StageName.GENERATION, status=StageStatus.RUNNING, started_at=START)
DONE = replace(
    RUNNING,
    status=StageStatus.COMPLETED,
    finished_at=START + timedelta(milliseconds=312),
    summary="sketch made\n2 images",
)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_how_it_went_and_how_long_it_took() -> None:
    assert line(DONE) == "GENERATION    completed   312 ms  sketch made 2 images"
    slow = replace(DONE, finished_at=START + timedelta(seconds=4.25), summary=None)
    assert line(slow) == "GENERATION    completed    4.2 s"
    assert line(RUNNING, "2 of 4").endswith("running             2 of 4")


def test_elsewhere_than_on_a_terminal_each_stage_is_one_line() -> None:
    out = StringIO()
    progress = Progress(out)
    progress.show(StatusChanged(status=GenerationStatus.PROCESSING, attempt=1))
    progress.show(StageChanged(RUNNING))
    progress.show(StageProgress(StageName.GENERATION, 0.5, "1 of 2"))
    progress.show(StageChanged(DONE))
    assert out.getvalue() == f"{line(DONE)}\n"


def test_what_became_of_an_image_is_a_line_that_stays() -> None:
    told = StageProgress(StageName.GENERATION, None, "Image 2 is missing: it broke", slot=1)
    shape = StageProgress(StageName.GENERATION, None, "Image 1 takes shape", slot=0, preview="k")
    for out in (StringIO(), Terminal()):
        progress = Progress(out)
        progress.show(StageChanged(RUNNING))
        before = out.getvalue()
        progress.show(shape)
        progress.show(told)
        later = out.getvalue().removeprefix(before)
        assert later.count("GENERATION    Image 2 is missing: it broke\n") == 1
        # A terminal draws it anew with the other's line, elsewhere nobody waits for a picture.
        assert later.count("Image 1 takes shape") == (2 if out.isatty() else 0)


def test_a_terminal_shows_all_stages_in_place() -> None:
    out = Terminal()
    progress = Progress(out)
    progress.show(StageChanged(RUNNING))
    progress.show(StageProgress(StageName.GENERATION, 0.5, "1 of 2"))
    first, _, second = out.getvalue().partition("\x1b[7A")
    assert first.count("\n") == second.count("\n") == 7
    assert "pending" in first.splitlines()[0]
    assert "1 of 2" not in first
    assert "1 of 2" in second
