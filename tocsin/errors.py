"""Every error that Tocsin raises, in one tree; expected answers (304, duplicate, nothing found) are values.

    TocsinError
    ├── ConfigError           config.yaml or a call is wrong: exit code 2
    ├── ArchiveError          the archive cannot be used: exit code 1
    ├── FetchError            a GET gave no usable body
    │   ├── TemporaryFetchError   may heal: time-out, DNS, 429, 5xx
    │   ├── RefusedError          our own guard said no: scheme, private address, port, robots.txt
    │   └── TooLargeError         wire or decoded bytes over the cap, or a bomb
    ├── ParseError            bytes that are not what they should be (feed, page, line)
    └── DeliveryError         a channel did not take an alert

Each class has a stable ``reason`` for logs and reports, says whether a later try may heal it
(``retryable``), and pickles: ``args`` match the signature.
"""

from __future__ import annotations


class TocsinError(Exception):
    """The root: an error that Tocsin understands and can put in one line."""

    reason = "error"
    retryable = False

    def __init__(self, subject: str, detail: str = "") -> None:
        super().__init__(subject, detail)
        self.subject = subject  # the file, key, URL or channel that is at fault
        self.detail = detail  # what is wrong and how to mend it

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail}" if self.detail else self.subject


class ConfigError(TocsinError):
    """The configuration or the call is wrong; names the file, the key and the mend."""

    reason = "config"


class ArchiveError(TocsinError):
    """The archive cannot be opened, read or written."""

    reason = "archive"


class FetchError(TocsinError):
    """A GET gave no usable body."""

    reason = "fetch"

    def __init__(self, subject: str, detail: str = "", status: int | None = None, retry_after: float | None = None):
        super().__init__(subject, detail)
        self.args = (subject, detail, status, retry_after)
        self.status = status  # HTTP status, when there was one
        self.retry_after = retry_after  # seconds, when the server asked for a pause


class TemporaryFetchError(FetchError):
    """May work later: time-out, DNS, connection lost, 429 or 5xx."""

    reason = "fetch_temporary"
    retryable = True


class RefusedError(FetchError):
    """Our own guard refused: scheme, private address, port, too many hops, robots.txt."""

    reason = "refused"


class TooLargeError(FetchError):
    """The body is over the cap, on the wire or decoded."""

    reason = "too_large"


class ParseError(TocsinError):
    """Bytes that are not what they should be: no feed, no page, no article, no JSON line."""

    reason = "parse"


class DeliveryError(TocsinError):
    """A channel did not take an alert.

    ``sure`` is False when the alert may have arrived all the same (reset or time-out after sending):
    the outbox then looks it up or waits before it tries again.
    """

    reason = "delivery"

    def __init__(
        self,
        subject: str,
        detail: str = "",
        retryable: bool = False,
        sure: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(subject, detail)
        self.args = (subject, detail, retryable, sure, retry_after)
        self.retryable = retryable
        self.sure = sure
        self.retry_after = retry_after  # seconds
