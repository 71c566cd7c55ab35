"""What an HTTP answer, or the lack of one, means for a message: the same for every channel that posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3
from pydantic import SecretStr

from tocsin.alerts.channels._failures import failure, untouched
from tocsin.errors import DeliveryError

MENDABLE_PAUSE = 900.0  # seconds; wrong until a person mends it: asked again slowly, so that nothing is lost
_MAX_PAUSE = 3600.0
_POISON = {400, 413, 415, 422}  # this message will never be taken
_IN_DOUBT = {408, 409, 425}  # it came too slowly, while the same one is being taken, or too early: ask again
_PASSING = {421, 423}  # refused for now: by the wrong machine, or while something is locked
_ADDRESS = {401, 403, 404, 410}  # the address or the secret is wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer and the beginning of its text."""

    status: int
    headers: Mapping[str, str]
    text: str


def post_json(
    name: str,
    url: SecretStr,
    body: bytes,
    *,
    timeout: float,
    committing: Callable[[], None],
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST JSON once, following no redirect and reading 1,000 bytes at most.

    Args:
        timeout: Seconds, for the connection and for each wait on the answer.

    Raises:
        DeliveryError: There was no answer; names no part of the address.
    """
    sent = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
        "User-Agent": "Tocsin/1.0",
    }
    sent.update(headers or {})
    committing()
    try:
        with requests.post(
            url.get_secret_value(), data=body, headers=sent, timeout=timeout, allow_redirects=False, stream=True
        ) as response:
            text = response.raw.read(1000, decode_content=False).decode("utf-8", "replace").strip()
            return Answer(response.status_code, dict(response.headers), text)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as exc:
        raise broken(name, exc) from None


def refused(channel: str, status: int, headers: Mapping[str, str], detail: str = "") -> DeliveryError:
    """The error for a status that is not success.

    Nobody can tell after a 5xx, or a time-out on the other side, whether the message was taken. Most of the 4xx
    refuse it: for its own sake (never again), for now, or until a person mends the address, the token, the app.
    """
    said = f"HTTP {status}{': ' + detail if detail else ''}"
    if status in (429, 503) and (pause := retry_after(headers)) is not None:
        # a 503 with a time is a refusal at the door, not an accident behind it
        return DeliveryError(channel, said, retryable=True, retry_after=pause)
    if status == 429:
        return DeliveryError(channel, said, retryable=True, retry_after=30.0)
    if status >= 500 or status < 300 or status in _IN_DOUBT:
        return DeliveryError(channel, said, retryable=True, sure=False)
    if status in _POISON:
        return DeliveryError(channel, f"{said}; this message is not accepted")
    if status in _PASSING:
        return DeliveryError(channel, said, retryable=True, retry_after=retry_after(headers))
    mend = "see the channel's address and secret" if status in _ADDRESS else "see what answers at the channel's address"
    return DeliveryError(channel, f"{said}; {mend}", retryable=True, retry_after=MENDABLE_PAUSE)


def broken(channel: str, exc: BaseException) -> DeliveryError:
    """The error for a connection that gave no answer; its words name the kind of failure only, never an address."""
    return DeliveryError(channel, f"no answer ({failure(exc)})", retryable=True, sure=untouched(exc))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks us to wait, an hour at most; None when it does not say."""
    low = {name.lower(): value for name, value in headers.items()}
    value = low.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _MAX_PAUSE)
    try:
        until, date = parsedate_to_datetime(value), parsedate_to_datetime(low.get("date", ""))
        return min(max((until - date).total_seconds(), 0.0), _MAX_PAUSE)
    except (TypeError, ValueError):
        return None


def safe_address(url: str) -> str:
    """The address again when it is https, or http to this machine.

    Raises:
        ValueError: Anything else would carry a secret in clear; names no part of the address.
    """
    parts = urlsplit(url.strip())
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError("must be an https:// address")
    if parts.scheme == "http" and not local:
        raise ValueError("must be https://, or its secret would travel in clear")
    return url.strip()
