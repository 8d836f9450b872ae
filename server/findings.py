"""What the doctor says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; where it is not `fine`, `text` ends in the remedy."""

    subject: str
    fine: bool
    text: str
