"""Where a bucket is, and who may use it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of R2 or any other S3.

    Without `endpoint` it is Amazon's, without a key the credentials are those of the machine.
    Browsers fetch an object at `public_url` with its key behind.
    """

    name: str
    public_url: str
    endpoint: str = ""
    key_id: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def region(self) -> str | None:
        """Return R2's only region; None leaves it to the machine's configuration."""
        return "auto" if ".r2.cloudflarestorage.com" in self.endpoint else None
