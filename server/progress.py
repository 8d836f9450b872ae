"""How a run gets on, in a terminal: a line a stage."""

import shutil
from dataclasses import dataclass, field
from typing import Final, TextIO

from pipeline.domain import Stage, StageName, StageStatus
from pipeline.events import Change, StageChanged, StageProgress

_COLOURS: Final = {
    StageStatus.RUNNING: 36,
    StageStatus.COMPLETED: 32,
    StageStatus.FAILED: 31,
}
_DIM: Final = 2


@dataclass(slots=True)
class Progress:
    """Draws all stages anew in place on a terminal; elsewhere writes a line as each one ends."""

    out: TextIO
    _stages: dict[StageName, Stage] = field(
        default_factory=lambda: {name: Stage(name=name) for name in StageName}, init=False
    )
    _notes: dict[StageName, str] = field(default_factory=dict[StageName, str], init=False)
    _drawn: bool = field(default=False, init=False)

    def show(self, change: Change) -> None:
        match change:
            case StageChanged(stage=stage):
                self._stages[stage.name] = stage
                self._notes.pop(stage.name, None)
            case StageProgress(name=name, message=str(message), slot=int(), preview=None):
                # What became of an image stays to be read; a note gives way to the next.
                self.out.write(f"{name:12}  {message}\n")
                self._drawn = False
            case StageProgress(name=name, message=str(message)):
                self._notes[name] = message
            case _:
                return
        if self.out.isatty():
            self._redraw()
        elif isinstance(change, StageChanged) and ended(change.stage):
            self.out.write(f"{line(change.stage)}\n")
        self.out.flush()

    def _redraw(self) -> None:
        # A line that wraps would take two, and the next drawing would start too low.
        width = shutil.get_terminal_size().columns - 1
        if self._drawn:
            self.out.write(f"\x1b[{len(self._stages)}A")
        for stage in self._stages.values():
            text = line(stage, self._notes.get(stage.name))[:width]
            colour = _COLOURS.get(stage.status, _DIM)
            self.out.write(f"\x1b[2K\x1b[{colour}m{text}\x1b[0m\n")
        self._drawn = True


def line(stage: Stage, note: str | None = None) -> str:
    """Return the stage as one line; a `note` says what it is at."""
    said = " ".join((note or stage.summary or "").split())
    return f"{stage.name:12}  {stage.status.lower():9}  {_took(stage):>7}  {said}".rstrip()


def ended(stage: Stage) -> bool:
    return stage.status not in (StageStatus.PENDING, StageStatus.RUNNING)


def _took(stage: Stage) -> str:
    if stage.started_at is None or stage.finished_at is None:
        return ""
    seconds = (stage.finished_at - stage.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
