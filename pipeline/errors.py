"""What can go wrong, by who can mend it.

DesignerError
  x Refused                 the request cannot be served as it stands; nothing stays stored or spent
    + InvalidInput          a field breaks a rule
    + NotFound              no such thing, or not the viewer's
    + Conflict              the state does not allow it
    + BudgetExceeded
    + RateLimited
    + ModelUnavailable
  x StageFailed             a stage could not do its work
    + ContentRejected       a provider refused the content
    + ProviderUnavailable   a provider is out of reach or out of order, and did not run it
      + Throttled           it takes no more requests for the moment
      + NeverRan            it took the call, or may have, and it came to nothing there
    + CallFailed            a provider ran it, and it failed there
    + OutcomeUnknown        nobody can say whether a provider ran it
    + BadOutput             what came back is no image
    + StoreUnreachable      the object store takes or gives nothing now
    + DeadlineExceeded      it took longer than it may
    + InternalFailure       something of ours broke
  x StageSkipped            a stage found that there is nothing for it to do
  x StreamRefused           a subscription cannot start; carries a code
  x ClaimLost               another worker, or a cancel, took the generation over
  x ObjectMissing           the object store has nothing under that key
  x AlreadyTaken            a provider's id belongs to another call of ours
"""

from decimal import Decimal

from pipeline.domain import Failure, StageName


class DesignerError(Exception):
    """The root of everything expected."""


class Refused(DesignerError):
    """A request that cannot be served; `code` is stable, the message is for a person."""

    code = "REFUSED"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code


class InvalidInput(Refused):
    """A field breaks a rule; `field` is its path in the input, such as "settings.count"."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, field: str | None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(Refused):
    """No such thing, or not the viewer's: nobody can tell which."""

    code = "NOT_FOUND"


class Conflict(Refused):
    """The state does not allow it."""

    code = "CONFLICT"


class BudgetExceeded(Refused):
    """It would cost more than is allowed; amounts in US dollars, `needed` None where unknown."""

    code = "BUDGET_EXCEEDED"

    def __init__(self, message: str, *, needed: Decimal | None, available: Decimal) -> None:
        super().__init__(message)
        self.needed = needed
        self.available = available


class RateLimited(Refused):
    """Too much at once; it may be tried again after `retry_after` seconds."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelUnavailable(Refused):
    """The wished-for model cannot be used; `successor` is a catalogue key."""

    code = "MODEL_UNAVAILABLE"

    def __init__(self, message: str, *, successor: str | None = None) -> None:
        super().__init__(message)
        self.successor = successor


class StageFailed(DesignerError):
    """A stage could not do its work; `stage` is known once its failure is recorded.

    `elsewhere`: another model may do better. `charged`: it was paid for all the same, with
    `cost` US dollars and under `external_id` at its provider where those are known.
    """

    code = "STAGE_FAILED"
    retryable = True
    elsewhere = False
    stage: StageName | None = None
    cost: Decimal | None = None
    external_id: str | None = None

    def __init__(self, message: str, *, code: str | None = None, charged: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.charged = charged

    def failure(self, stage: StageName | None = None) -> Failure:
        """Return it as the record of `stage` shows it."""
        return Failure(
            code=self.code,
            message=self.message,
            stage=stage or self.stage,
            retryable=self.retryable,
            charged=self.charged,
        )


REMEDY = "put it in other words, or change the photo"
"""What helps where a content was refused."""


class ContentRejected(StageFailed):
    """A provider refused the content."""

    code = "CONTENT_REJECTED"
    retryable = False
    elsewhere = True


class ProviderUnavailable(StageFailed):
    """A provider is out of reach or out of order, and is known not to have run it.

    `transient`: the same call may do better soon, after `retry_after` seconds where it says so.
    `everywhere`: no other model of the provider would do better now.
    """

    code = "PROVIDER_UNAVAILABLE"
    elsewhere = True

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        transient: bool = False,
        retry_after: float | None = None,
        everywhere: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.everywhere = everywhere
        self.transient = transient
        self.retry_after = retry_after


class Throttled(ProviderUnavailable):
    """A provider takes no more requests for the moment, which is no outage."""

    def __init__(
        self, provider: str, *, retry_after: float | None, everywhere: bool = False
    ) -> None:
        minutes = round((retry_after or 0.0) / 60)
        long = f"about {minutes} min" if minutes > 1 else "the moment"
        message = f"{provider} takes no more requests for {long}"
        super().__init__(message, transient=True, retry_after=retry_after, everywhere=everywhere)


class NeverRan(ProviderUnavailable):
    """A call that was sent is over without having run; another, with a line of its own, may."""


class CallFailed(StageFailed):
    """A provider ran it, and it failed there."""

    code = "PROVIDER_FAILED"
    elsewhere = True


class OutcomeUnknown(StageFailed):
    """Nobody can say whether a provider ran it, so it is not sent again by itself.

    `held` is what stays reserved for it; the message says what can be done, which `reason` doesn't.
    """

    code = "UNKNOWN_OUTCOME"

    def __init__(self, reason: str, *, held: str | None = None) -> None:
        remedy = f"{held} is held until the operator decides, and a retry may be billed once more"
        super().__init__(reason if held is None else f"{reason}; {remedy}")
        self.reason = reason


class BadOutput(StageFailed):
    """What came back is no image."""

    code = "BAD_OUTPUT"


class StoreUnreachable(StageFailed):
    """The object store takes or gives nothing now; what is to be stored has to be kept."""

    code = "STORE_UNREACHABLE"


class DeadlineExceeded(StageFailed):
    """A stage, or the whole run, took longer than it may."""

    code = "DEADLINE_EXCEEDED"


class InternalFailure(StageFailed):
    """Something of ours broke; the log has the rest under the trace id."""

    code = "INTERNAL"

    def __init__(self, trace: str) -> None:
        super().__init__(f"Something went wrong on our side (trace {trace})")
        self.trace = trace


class StageSkipped(DesignerError):
    """A stage found that there is nothing for it to do; `reason` is one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StreamRefused(DesignerError):
    """A subscription cannot start; `resume_at` is the oldest position that is kept."""

    def __init__(self, code: str, message: str, *, resume_at: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.resume_at = resume_at


class ClaimLost(DesignerError):
    """Another worker, or a cancel, took the generation over: stop quietly."""


class ObjectMissing(DesignerError):
    """The object store has nothing under that key."""


class AlreadyTaken(DesignerError):
    """A provider's id belongs to another call of ours: two that ask the same look alike there."""
