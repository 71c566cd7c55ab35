"""Slack with a bot token: one thread per event, its first message kept up to date, doubtful messages looked up.

Exactly once, as far as Slack allows: each message carries our key in its metadata, so that after a reset or a kill
``find`` can tell whether it arrived. slack_sdk's own retry is off, because it posts again after a reset.
Source: docs.slack.dev, chat.postMessage, conversations.history, message metadata.
"""

from __future__ import annotations

import http.client
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, cast

from pydantic import Field, PrivateAttr, SecretStr, field_validator
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from tocsin.alerts import render_slack
from tocsin.alerts.channels import _http
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.render import view, views
from tocsin.errors import DeliveryError
from tocsin.model import Alert, AlertReason, Delivery, Thread

log = logging.getLogger(__name__)

EVENT_TYPE = "tocsin_alert"
LOOK_BACK = timedelta(hours=6)  # before the delivery was made: the two clocks may differ
MAX_PAGES = 60  # of 200 messages
_NAMESPACE = uuid.UUID("6f0f8f9c-5f43-5f0e-9d0a-7463736c6b31")

# ok:false codes by what they mean; any other is a refusal that a person must look at
DOUBTFUL = frozenset({
    "fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org",
    "duplicate_message_not_found", "duplicate_channel_not_found",
})  # fmt: skip
POISON = frozenset({
    "no_text", "msg_too_long", "invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset",
    "invalid_form_data", "invalid_json", "json_not_object", "attachment_payload_limit_exceeded", "too_many_attachments",
})  # fmt: skip
PLAIN_INSTEAD = frozenset({
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_metadata_format",
    "invalid_metadata_schema", "metadata_too_large",
})  # fmt: skip
NO_THREAD = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
_MENDS = {
    "not_in_channel": "invite the app: /invite @Tocsin",
    "channel_not_found": "see alerts.channels.<name>.channel, and invite the app if the channel is private",
    "missing_scope": "add the scopes of docs/slack-app-manifest.yaml and install the app again",
    "is_archived": "the channel is archived",
}


class Slack(Channel):
    """A Slack channel, through an app of the desk's own workspace (docs/slack.md)."""

    kind: ClassVar[str] = "slack"
    can_look_up: ClassVar[bool] = True
    can_thread: ClassVar[bool] = True

    token: SecretStr
    channel: str = Field(min_length=2, description="#name or id")
    api_url: str = "https://slack.com/api/"
    timeout_seconds: float = Field(default=10.0, gt=0)
    settle_seconds: float = Field(default=20.0, ge=0)  # more than the time-out plus the worst lag of the history
    pace_seconds: float = Field(default=1.1, ge=0)  # Slack takes about one message a second per channel
    ack_emoji: tuple[str, ...] = ("eyes", "white_check_mark")  # a reaction with one of them acknowledges the event
    broadcast: tuple[AlertReason, ...] = (
        AlertReason.ESCALATED,
        AlertReason.CORRECTED,
        AlertReason.WITHDRAWN,
        AlertReason.UNACKNOWLEDGED,
    )

    _ids: dict[str, str] = PrivateAttr(default_factory=dict)  # channel name -> id, as Slack told us

    @field_validator("token")
    @classmethod
    def _filled(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("is empty; set it to the app's bot token, xoxb-...")
        return SecretStr(value.get_secret_value().strip())

    @field_validator("channel")
    @classmethod
    def _named(cls, value: str) -> str:
        if not re.fullmatch(r"#[^\s#@<>]{1,80}|[CG][A-Z0-9]{5,}", value.strip()):
            raise ValueError('is neither a name nor an id; write "#iraq-desk", in quotes, or C0…')
        return value.strip()

    @field_validator("api_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        return _http.safe_address(value).rstrip("/") + "/"

    def recipients(self) -> tuple[str, ...]:
        """The one Slack channel."""
        return (self.channel,)

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Post one alert: a new message, or a reply in the event's thread and an edit of its first message."""
        seen = view(delivery.alert, language=self.language, timezone=self.timezone, acked=delivery.acked)
        root = delivery.thread.root if delivery.thread else None
        content = render_slack.message(seen, reply=root is not None)
        metadata = _metadata([delivery])
        committing()
        receipt = self._post(delivery, delivery.idem, content, metadata, root)
        if root and receipt.thread and receipt.thread.root == root:
            self._edit(delivery, root, render_slack.message(seen))
        return receipt

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Post one list; it is nobody's thread, so the next word about an event opens its own."""
        seen = views((d.alert for d in deliveries), language=self.language, timezone=self.timezone)
        content = render_slack.digest(seen, self.language)
        key = " ".join(sorted(d.idem for d in deliveries))
        committing()
        receipt = self._post(deliveries[0], key, content, _metadata(deliveries), None)
        return Receipt(receipt.remote_id, None)

    def find(self, delivery: Delivery) -> Receipt | None:
        """Search the thread, then the channel's history since the delivery was made, for our key."""
        channel, root = self._place(delivery)
        for found in self._messages(delivery, channel, root):
            metadata = found.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") != EVENT_TYPE or delivery.idem not in str(payload.get("idem", "")).split():
                continue
            remote = f"{channel}/{found['ts']}"
            single = len(str(payload["idem"]).split()) == 1
            return Receipt(remote, delivery.thread or (Thread(remote) if single else None))
        return None

    def acks(self, name: str, messages: Mapping[str, object]) -> dict[str, str]:
        """Who reacted to which of our messages, read from the history in one or a few calls."""
        found: dict[str, str] = {}
        stamps: dict[str, list[str]] = {}
        for remote in messages:
            stamps.setdefault(_split(remote)[0], []).append(_split(remote)[1])
        for channel, times in stamps.items():
            query = {"channel": channel, "oldest": min(times), "latest": max(times), "inclusive": True, "limit": 200}
            for page in self._pages(name, "conversations.history", query):
                for message in page.get("messages", ()):
                    user = self._reacted(message)
                    if user and (remote := f"{channel}/{message.get('ts')}") in messages:
                        found[remote] = self._person(name, user)
        return found

    def _reacted(self, message: dict[str, Any]) -> str:
        """The id of the first who reacted with one of our signs, in any skin tone; "" when nobody did."""
        wanted = {emoji.strip(":") for emoji in self.ack_emoji}
        users = (
            r["users"][0]
            for r in message.get("reactions") or ()
            if r.get("name", "").split("::")[0] in wanted and r.get("users")
        )
        return str(next(users, ""))

    def _person(self, name: str, user: str) -> str:
        """The name of a person; their id where the token may not ask."""
        try:
            found = self._call(name, "users.info", {"user": user}).get("user") or {}
        except DeliveryError:
            return user
        profile = found.get("profile") or {}
        return str(profile.get("display_name") or profile.get("real_name") or found.get("name") or user)

    def preview(self, alert: Alert) -> str:
        """What a reader of the channel sees."""
        seen = view(alert, language=self.language, timezone=self.timezone)
        return render_slack.preview(alert, render_slack.message(seen))

    def probe(self, name: str) -> str:
        """Ask Slack who we are and which channel it is."""
        who = self._call(name, "auth.test", {})
        where = self._channel_id(name, self.channel)
        return f"{name}: Slack knows us as {who.get('user', '?')} of {who.get('team', '?')}; {self.channel} is {where}"

    def _post(
        self, delivery: Delivery, key: str, content: dict[str, Any], metadata: dict[str, Any], root: str | None
    ) -> Receipt:
        """Post one message, in the thread of ``root`` when there is one."""
        channel, ts = _split(root) if root else ("", "")
        body: dict[str, Any] = {
            "channel": channel or delivery.recipient or self.channel,
            **content,
            "metadata": metadata,
            "client_msg_id": str(uuid.uuid5(_NAMESPACE, key)),
            "unfurl_links": False,
            "unfurl_media": False,
            "mrkdwn": False,
        }
        if ts:
            body |= {"thread_ts": ts, "reply_broadcast": delivery.alert.reason in self.broadcast}
        answer = self._accepted(delivery.channel, body)
        if not answer.get("ts") or not answer.get("channel"):
            raise DeliveryError(delivery.channel, "an answer without ts", retryable=True, sure=False)
        remote = f"{answer['channel']}/{answer['ts']}"
        return Receipt(remote, Thread(root) if root and "thread_ts" in body else Thread(remote))

    def _accepted(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Slack's answer to a post; what Slack refuses for good is taken out of ``body``, as the alert must go out."""
        while True:
            try:
                return self._ask(name, "chat.postMessage", body)
            except _Refused as refusal:
                dropped = _droppable(refusal.code, body)
                if not dropped:
                    raise refusal.error from None
                log.warning("%s: Slack refused with %s; sent without %s", name, refusal.code, dropped[0])
                for key in dropped:
                    del body[key]

    def _edit(self, delivery: Delivery, root: str, content: dict[str, Any]) -> None:
        """Bring the first message up to date; a failure costs nothing, as the reply has said it all."""
        channel, ts = _split(root)
        try:
            self._call(delivery.channel, "chat.update", {"channel": channel, "ts": ts, **content})
        except DeliveryError as exc:
            log.info("%s: the first message was not edited (%s)", delivery.channel, exc)

    def _place(self, delivery: Delivery) -> tuple[str, str]:
        """The id of the channel, and the ts of the thread or ""."""
        if delivery.thread:
            channel, ts = _split(delivery.thread.root)
            if channel:
                return channel, ts
        return self._channel_id(delivery.channel, delivery.recipient or self.channel), ""

    def _channel_id(self, name: str, channel: str) -> str:
        """The id of a channel; history is read by id only."""
        if not channel.startswith("#"):
            return channel
        if channel not in self._ids:
            query = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 500}
            for page in self._pages(name, "conversations.list", query):
                self._ids.update({f"#{it['name']}": it["id"] for it in page.get("channels", ())})
                if channel in self._ids:
                    break
        if channel not in self._ids:
            raise DeliveryError(name, f"no channel {channel}; {_MENDS['channel_not_found']}", True)
        return self._ids[channel]

    def _messages(self, delivery: Delivery, channel: str, root: str) -> Iterator[dict[str, Any]]:
        """The messages among which a doubtful one would be: the event's thread, and the channel, where lists stand."""
        query: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": 200}
        if root:
            # the root's ts is Slack's own clock: no reply is older
            thread = {**query, "ts": root, "oldest": root, "inclusive": True}
            try:
                for page in self._pages(delivery.channel, "conversations.replies", thread):
                    yield from page.get("messages", ())
            except DeliveryError as error:
                if error.detail.partition(";")[0] not in NO_THREAD:  # somebody deleted it: then in the channel
                    raise
        query["oldest"] = f"{(delivery.created_at - LOOK_BACK).timestamp():.6f}"
        for page in self._pages(delivery.channel, "conversations.history", query):
            yield from page.get("messages", ())

    def _pages(self, name: str, method: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(MAX_PAGES):
            page = self._call(name, method, {**query, **({"cursor": cursor} if cursor else {})})
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise DeliveryError(name, f"{method} gave more than {MAX_PAGES} pages", retryable=True, sure=False)

    def _call(self, name: str, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call of the Web API.

        Raises:
            DeliveryError: Slack did not do it, or did not say.
        """
        try:
            return self._ask(name, method, body)
        except _Refused as refusal:
            raise refusal.error from None

    def _ask(self, name: str, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call of the Web API, for a caller that may have another way.

        Raises:
            _Refused: Slack said ok:false for good; carries the error to raise.
            DeliveryError: Anything else.
        """
        client = WebClient(
            token=self.token.get_secret_value(),
            base_url=self.api_url,
            timeout=cast("int", self.timeout_seconds),  # slack_sdk says int; urllib below it takes fractions
            retry_handlers=[],
        )
        # only methods that write take JSON
        args: dict[str, Any] = {"json": body} if method.startswith("chat.") else {"params": _form(body)}
        try:
            answer = client.api_call(method, **args)
            return answer.data if isinstance(answer.data, dict) else {}
        except SlackApiError as exc:
            raise _answered(name, exc) from None
        except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError) as exc:
            # ValueError and AttributeError: slack_sdk met an answer that is not a JSON object
            raise _http.broken(name, exc) from None


class _Refused(Exception):  # noqa: N818 - an answer, not an error: the caller may have another way
    def __init__(self, code: str, error: DeliveryError) -> None:
        super().__init__(code)
        self.code, self.error = code, error


def _answered(name: str, exc: SlackApiError) -> DeliveryError | _Refused:
    """What Slack's refusal means."""
    response = exc.response
    status, headers = int(getattr(response, "status_code", 0)), dict(getattr(response, "headers", {}))
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if not isinstance(code, str) or not code.replace("_", "").isalnum():
        code = ""  # not Slack's words: a proxy's page
    if code in {"ratelimited", "rate_limited", "message_limit_exceeded"} and status < 500:
        pause = _http.retry_after(headers)
        return DeliveryError(name, code, retryable=True, retry_after=30.0 if pause is None else pause)
    if code in DOUBTFUL:
        return DeliveryError(name, code, retryable=True, sure=False)
    if status != 200 or not code:
        return _http.refused(name, status, headers, code)
    if code in POISON or code in PLAIN_INSTEAD:
        return _Refused(code, DeliveryError(name, f"{code}; this message is not accepted"))
    mend = _MENDS.get(code, "see the app's token and its channel")
    return _Refused(code, DeliveryError(name, f"{code}; {mend}", retryable=True, retry_after=_http.MENDABLE_PAUSE))


def _droppable(code: str, body: dict[str, Any]) -> tuple[str, ...]:
    """The keys of a post without which Slack may take it, after this refusal."""
    if code in NO_THREAD and "thread_ts" in body:
        return "thread_ts", "reply_broadcast"
    if code in PLAIN_INSTEAD:
        part = "metadata" if "metadata" in code else "blocks"
        return (part,) if part in body else ()
    return ()


def _metadata(deliveries: list[Delivery] | tuple[Delivery, ...]) -> dict[str, Any]:
    events = list(dict.fromkeys(d.alert.event.id for d in deliveries))[:20]
    payload = {"idem": " ".join(d.idem for d in deliveries), "event": " ".join(events)}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _split(root: str) -> tuple[str, str]:
    """Channel id and ts of a thread's root."""
    channel, _, ts = root.rpartition("/")
    return channel, ts


def _form(body: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
