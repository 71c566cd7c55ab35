"""The terminal: needs no account, so the first run can alert; writes to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import ClassVar, Literal, TextIO

from pydantic import PrivateAttr

from tocsin.alerts import render_terminal
from tocsin.alerts.channels.base import Channel, Receipt
from tocsin.alerts.render import view, views
from tocsin.errors import DeliveryError
from tocsin.model import Alert, Delivery


class Terminal(Channel):
    """Alerts as text of 100 columns."""

    kind: ClassVar[str] = "terminal"

    stream: Literal["stdout", "stderr"] = "stdout"
    colour: Literal["auto", "always", "never"] = "auto"
    brief: bool = False  # two or three lines an alert instead of all of it

    _out: TextIO | None = PrivateAttr(default=None)

    def write_to(self, out: TextIO) -> None:
        """Write there from now on, whatever standard output is by then."""
        self._out = out

    def send(self, delivery: Delivery, *, committing: Callable[[], None]) -> Receipt:
        """Print one alert."""
        seen = view(delivery.alert, language=self.language, timezone=self.timezone, acked=delivery.acked)
        write = render_terminal.brief if self.brief else render_terminal.message
        return self._print(delivery, write(seen, colour=self._coloured()), committing)

    def send_digest(self, deliveries: tuple[Delivery, ...], *, committing: Callable[[], None]) -> Receipt:
        """Print several alerts as a list, the gravest first."""
        seen = views((d.alert for d in deliveries), language=self.language, timezone=self.timezone)
        text = render_terminal.digest(seen, self.language, colour=self._coloured())
        return self._print(deliveries[0], text, committing)

    def preview(self, alert: Alert) -> str:
        """The alert without colour."""
        return render_terminal.message(view(alert, language=self.language, timezone=self.timezone))

    def _target(self) -> TextIO:
        return self._out or (sys.stderr if self.stream == "stderr" else sys.stdout)

    def _coloured(self) -> bool:
        if self.colour != "auto":
            return self.colour == "always"
        return self._target().isatty() and "NO_COLOR" not in os.environ

    def _print(self, delivery: Delivery, text: str, committing: Callable[[], None]) -> Receipt:
        out = self._target()
        encoding = out.encoding or "utf-8"
        committing()
        try:
            out.write(text.encode(encoding, "replace").decode(encoding) + "\n")
            out.flush()
        except (OSError, ValueError) as exc:  # ValueError: the stream is closed
            # what stood on the screen before the pipe broke is lost with it
            raise DeliveryError(delivery.channel, f"{type(exc).__name__} on {self.stream}", retryable=True) from None
        return Receipt(None, delivery.thread)
