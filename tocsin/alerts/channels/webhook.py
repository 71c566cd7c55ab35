"""A webhook of your own: each alert as a JSON POST, signed, with a key by which a double can be dropped."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import Field, SecretStr, field_validator

from tocsin.alerts import render_json
from tocsin.alerts.channels import _http
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.model import Alert, Delivery


class Webhook(Channel):
    """POSTs to an address that answers 2xx; at least once.

    ``X-Tocsin-Signature`` is ``sha256=`` and the HMAC-SHA256 of the body in hex; ``Idempotency-Key`` stays the same on
    every try.
    """

    kind: ClassVar[str] = "webhook"

    url: SecretStr
    secret: SecretStr | None = None  # signs the body
    timeout_seconds: float = Field(default=10.0, gt=0)

    @field_validator("url")
    @classmethod
    def _safe(cls, value: SecretStr) -> SecretStr:
        return SecretStr(_http.safe_address(value.get_secret_value()))

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """POST one alert."""
        return self._post((delivery,), {"kind": "alert"}, committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """POST several alerts, the gravest first."""
        ranked = sorted(deliveries, key=lambda d: (-d.alert.event.severity.rank, d.alert.at))
        return self._post(tuple(ranked), {"kind": "digest"}, committing)

    def preview(self, alert: Alert) -> str:
        """The alert as indented JSON."""
        return json.dumps(render_json.payload(alert), ensure_ascii=False, indent=2)

    def probe(self, name: str) -> str:
        """A webhook can only be tried by sending."""
        return f"{name}: a webhook can only be tried by sending an alert"

    def _post(self, deliveries: tuple[Delivery, ...], head: dict[str, Any], committing: Callable[[], None]) -> Receipt:
        name = deliveries[0].channel
        # a digest's key does not depend on its order
        key = hashlib.sha256(" ".join(sorted(d.idem for d in deliveries)).encode()).hexdigest()
        alerts = [{"key": d.idem, **render_json.payload(d.alert)} for d in deliveries]
        body = json.dumps({"version": 1, **head, "alerts": alerts}, ensure_ascii=False).encode()
        headers = {"Idempotency-Key": key if len(deliveries) > 1 else deliveries[0].idem}
        if self.secret:
            signed = hmac.new(self.secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
            headers["X-Tocsin-Signature"] = f"sha256={signed}"
        answer = _http.post_json(
            name, self.url, body, timeout=self.timeout_seconds, committing=committing, headers=headers
        )
        if 200 <= answer.status < 300:
            return Receipt(None, None)
        raise _http.refused(name, answer.status, answer.headers)
