"""What every channel promises to the outbox; one file per kind, found by name: slack-webhook is slack_webhook.py."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tocsin.alerts import labels
from tocsin.errors import DeliveryError
from tocsin.model import Alert, Delivery, Thread


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel gave back for a message that it took."""

    remote_id: str | None
    thread: Thread | None  # where later messages about the same event go; None: the next one opens its own


class Channel(BaseModel, ABC):
    """A block of ``alerts.channels`` in config.yaml that can send.

    A kind is one module in this package with one subclass, which sets ``kind``. It knows its own
    limits and escaping; it never retries, never sleeps and never writes to the archive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: ClassVar[str]
    can_look_up: ClassVar[bool] = False  # ``find`` can tell whether a doubtful message arrived
    can_thread: ClassVar[bool] = False
    digest_limit: ClassVar[int] = 50  # the most alerts that one ``send_digest`` can list in full

    settle_seconds: float = Field(default=0.0, ge=0)  # a look-up is believed this long after a doubtful send
    pace_seconds: float = Field(default=0.0, ge=0)  # least time between two messages to one recipient
    language: str = "en"  # of labels; quotes stay in their own
    timezone: str = "Asia/Baghdad"  # of the times shown, beside UTC

    @field_validator("language")
    @classmethod
    def _has_labels(cls, value: str) -> str:
        if value not in labels.languages():
            raise ValueError(f"there are labels in {', '.join(labels.languages())}")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not a time zone; write one such as Asia/Baghdad") from None
        return value

    @property
    def looks_up(self) -> bool:
        """Whether this very channel looks doubtful messages up; a kind may need a setting for it."""
        return self.can_look_up

    @property
    def patience_seconds(self) -> float | None:
        """How long a look-up may fail before the message is sent again, as losing it is worse; None: for ever."""
        return None

    def recipients(self) -> tuple[str, ...]:
        """Each gets its own delivery, so that one refusal never blocks another."""
        return ("",)

    @abstractmethod
    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Send one alert.

        Args:
            committing: To be called just before the step after which the message may have arrived.

        Raises:
            DeliveryError: ``retryable`` and ``sure`` say what the outbox does next; no secret in its words.
        """

    @abstractmethod
    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Send several waiting alerts as one message that lists them: a storm. Same contract as ``send``.

        All are of one recipient, ``digest_limit`` at most.
        """

    def find(self, delivery: Delivery) -> Receipt | None:
        """Look a doubtful message up by ``delivery.idem``, digests included; None when it surely is not there.

        Raises:
            DeliveryError: It cannot be told now; nor ever by a kind without ``can_look_up``.
        """
        raise DeliveryError(self.kind, f"delivery {delivery.id} cannot be looked up there")

    def acks(self, name: str, messages: Mapping[str, object]) -> dict[str, str]:  # noqa: ARG002 - for kinds that can
        """Who has reacted to which message, by its ``remote_id``; only where people can, and only of those given.

        Args:
            name: The channel's name in config.yaml, for the error.

        Raises:
            DeliveryError: They cannot be asked for; the next delivery asks again.
        """
        return {}

    @abstractmethod
    def preview(self, alert: Alert) -> str:
        """The message as text, for ``tocsin alerts`` and for tests."""

    def probe(self, name: str) -> str:
        """One line that says the channel can be reached, for ``tocsin check``; sends no message.

        Args:
            name: The channel's name in config.yaml, for the error.

        Raises:
            DeliveryError: What is wrong and how to mend it.
        """
        return f"{name}: nothing to probe"
