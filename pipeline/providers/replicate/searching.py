"""Finding out whether a call ran whose answer was lost."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline import waits
from pipeline.calls import CallId, Mailbox
from pipeline.catalogue.model import CatalogueModel
from pipeline.errors import AlreadyTaken, NeverRan, OutcomeUnknown, ProviderUnavailable
from pipeline.ports import Accepted
from pipeline.providers.replicate.asking import Asking, answers_to, links_in
from pipeline.providers.replicate.predictions import Prediction
from pipeline.providers.replicate.wire import Gone, Wire

# So far may Replicate's clock be from ours.
_SKEW: Final = timedelta(seconds=60)
# A single look may have come just before the prediction was listed.
_PASSES: Final = 2

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Pace:
    """How often to look: each of the `looking` less often, the more of them there are.

    `least` and `most` are seconds between two looks; a prediction that may be running is given
    up after `deadline`, and one that did not show up after `grace` more never ran.
    """

    deadline: timedelta = timedelta(minutes=3)
    least: float = 0.5
    most: float = 10.0
    per_second: float = 40.0
    looking: int = 0

    @property
    def grace(self) -> timedelta:
        """A third of the deadline, a minute at most."""
        return min(self.deadline / 3, timedelta(minutes=1))

    def wait(self, elapsed: float) -> float:
        """Return the seconds until the next look, which grow with those that have passed."""
        usual = min(max(self.least, elapsed * 0.03), self.most)
        return max(usual, self.looking / self.per_second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Looks for the prediction of a call that was sent at `sent_at`, later, or never."""

    model: CatalogueModel
    wire: Wire
    pace: Pace
    now: Callable[[], datetime]
    asked: Asking
    call: CallId
    sent_at: datetime
    accepted: Accepted

    async def __call__(self, mail: Mailbox) -> str:
        """Return its id, written down.

        Raises `NeverRan` once it is known that it did not, `OutcomeUnknown` where
        that can't be found out.
        """
        began = self.now()
        # However often the search is begun again, what was sent then shows up by then.
        shows_until = self.sent_at + self.pace.deadline + self.pace.grace
        gives_up = max(began, shows_until) + 10 * self.pace.grace
        passes, told = 0, False
        while (looked := self.now()) < gives_up:
            if mail.external_id and await self._taken(mail.external_id):
                return mail.external_id
            try:
                found = await self._found()
            except ProviderUnavailable:
                found = None
            else:
                passes += 1
            if found is not None:
                if told:
                    waits.found(self.model.provider)
                return found
            if passes >= _PASSES and looked >= shows_until:
                message = f"{self.model.display_name} never got the request"
                raise NeverRan(message)
            if not told:
                told = True
                self._tell((shows_until - looked).total_seconds())
            elapsed = (looked - began).total_seconds()
            await mail.wait(min(self.pace.wait(elapsed), self.pace.grace.total_seconds()))
        raise OutcomeUnknown("Replicate does not tell whether it ran")

    def _tell(self, seconds: float) -> None:
        logger.info("looking whether %s took call %s", self.model.provider, self.call)
        waits.looks(self.model.provider, seconds)

    async def _found(self) -> str | None:
        async for one in self.wire.since(self.sent_at - _SKEW):
            # What never ran may be an earlier call's; the one that is looked for may yet show up.
            if one.model != self.model.slug or one.never_ran:
                continue
            if one.removed:
                raise OutcomeUnknown("Replicate has deleted by now what would show whether it ran")
            if await self._same(one) and await self._taken(one.id):
                return one.id
        return None

    async def _same(self, one: Prediction) -> bool:
        """Tell by what we asked, and by the photos, which bear our call's id."""
        if not answers_to(self.model, self.asked, one.input):
            return False
        try:
            calls = [await self.wire.call_of(link) for link in links_in(self.model, one.input)]
        except Gone:
            return False
        return all(call == str(self.call) for call in calls)

    async def _taken(self, prediction: str) -> bool:
        try:
            await self.accepted(prediction)
        except AlreadyTaken:
            return False
        return True
