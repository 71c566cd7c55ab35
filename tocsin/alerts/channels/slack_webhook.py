"""Slack through an incoming webhook: no account to make beyond the hook, but no threads, no edits, no look-up.

Source: docs.slack.dev, "Sending messages using incoming webhooks".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import Field, SecretStr, field_validator

from tocsin.alerts import render_slack
from tocsin.alerts.channels import _http
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.render import view, views
from tocsin.errors import DeliveryError
from tocsin.model import Alert, Delivery

log = logging.getLogger(__name__)

_CANNOT = "an incoming webhook cannot thread, edit or promise once; kind: slack with a bot token can"
# what the hook says, in text; other words come with a status that tells enough
_MENDS = {
    "no_service": "the webhook is gone: make a new one",
    "no_team": "the workspace is gone",
    "channel_is_archived": "the channel is archived",
    "action_prohibited": "an administrator forbids it",
    "invalid_token": "the address is wrong",
}


class SlackWebhook(Channel):
    """A Slack incoming webhook; at least once, and a doubtful message comes again."""

    kind: ClassVar[str] = "slack-webhook"

    url: SecretStr
    timeout_seconds: float = Field(default=10.0, gt=0)
    pace_seconds: float = Field(default=1.1, ge=0)  # Slack takes about one message a second per hook

    @field_validator("url")
    @classmethod
    def _safe(cls, value: SecretStr) -> SecretStr:
        return SecretStr(_http.safe_address(value.get_secret_value()))

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Post one alert."""
        seen = view(delivery.alert, language=self.language, timezone=self.timezone, acked=delivery.acked)
        return self._post(delivery.channel, render_slack.message(seen), committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Post one list."""
        seen = views((d.alert for d in deliveries), language=self.language, timezone=self.timezone)
        return self._post(deliveries[0].channel, render_slack.digest(seen, self.language), committing)

    def preview(self, alert: Alert) -> str:
        """What a reader of the channel sees."""
        seen = view(alert, language=self.language, timezone=self.timezone)
        return render_slack.preview(alert, render_slack.message(seen))

    def probe(self, name: str) -> str:
        """A webhook can only be tried by sending; what it cannot do is said plainly."""
        return f"{name}: {_CANNOT}; it can only be tried by sending: --send-test {name}"

    def _post(self, name: str, content: dict[str, Any], committing: Callable[[], None]) -> Receipt:
        try:
            return self._sent(name, content, committing)
        except DeliveryError as error:
            if not error.sure:
                log.warning("%s: a message may have arrived and comes again; %s", name, _CANNOT)
            raise

    def _sent(self, name: str, content: dict[str, Any], committing: Callable[[], None]) -> Receipt:
        body = {**content, "unfurl_links": False, "unfurl_media": False, "mrkdwn": False}
        raw = json.dumps(body, ensure_ascii=False).encode()
        answer = _http.post_json(name, self.url, raw, timeout=self.timeout_seconds, committing=committing)
        if answer.status == 200 and answer.text == "ok":
            return Receipt(None, None)
        if answer.status == 200:
            raise DeliveryError(name, 'HTTP 200 without "ok"', retryable=True, sure=False)
        if answer.text in _MENDS:
            detail = f"{answer.text}: {_MENDS[answer.text]}"
            raise DeliveryError(name, detail, retryable=True, retry_after=_http.MENDABLE_PAUSE)
        raise _http.refused(name, answer.status, answer.headers)
