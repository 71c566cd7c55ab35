"""The automations that Tocsin brings, as code: what is watched on the server, and what is done then.

``tocsin serve`` installs them by name at each start and leaves alone what the user switched off and
what the user made. They are the inner alarm: the outer one, ``tocsin check --alive``, needs no server.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, RunDeployment

from tocsin.config import reading

SILENT_MINUTES = 15
HEARTBEAT_SECONDS = 30  # the least that Prefect allows
_ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


def shipped(*, notice: UUID, poll_minutes: int) -> list[AutomationCore]:
    """All of them.

    Args:
        notice: The deployment that tells an operator.
        poll_minutes: Of the schedule; two polls in a row may be missed before silence is an alarm.
    """
    return [
        _feed_down(notice),
        _silence(notice, timedelta(minutes=max(SILENT_MINUTES, 3 * poll_minutes))),
        _zombie(),
        _dead_delivery(notice),
    ]


def install(client: SyncPrefectClient, *, notice: UUID, poll_minutes: int) -> None:
    """Create or update each by its name; one that the user switched off stays off."""
    there = {automation.name: automation for automation in client.read_automations(limit=200)}
    for wanted in shipped(notice=notice, poll_minutes=poll_minutes):
        found = there.get(wanted.name)
        if found is None:
            client.create_automation(wanted)
            continue
        wanted = wanted.model_copy(update={"enabled": found.enabled})
        if AutomationCore.model_validate(found.model_dump(exclude={"id"})) != wanted:
            client.update_automation(found.id, AutomationCore.model_validate(wanted.model_dump()))


def _feed_down(notice: UUID) -> AutomationCore:
    return AutomationCore(
        name="Tocsin: feed down",
        description="A feed could not be read twice within six hours; each failure lengthens its own pause.",
        trigger=EventTrigger(
            expect={"tocsin.feed.down"},
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=2,
            within=timedelta(hours=6),
        ),
        actions=[_tell(notice, "feed down", "{{ event.payload.feed }}: {{ event.payload.detail }}")],
    )


def _silence(notice: UUID, within: timedelta) -> AutomationCore:
    return AutomationCore(
        name="Tocsin: no successful poll",
        description=f"No poll ended well for {within.total_seconds() / 60:.0f} minutes after one that did.",
        trigger=EventTrigger(
            after={"tocsin.poll.ok"},  # without it the rule was seen to fire with a success in its window
            expect={"tocsin.poll.ok"},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=within,
        ),
        actions=[_tell(notice, "no successful poll", f"none for {within.total_seconds() / 60:.0f} minutes")],
    )


def _zombie() -> AutomationCore:
    return AutomationCore(
        name="Tocsin: zombie run",
        description="A run that stopped sending its heartbeat without an end is marked as crashed.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in _ENDS)},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            match_related={"prefect.resource.id": ["prefect.tag.tocsin"], "prefect.resource.role": ["tag"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * HEARTBEAT_SECONDS),
        ),
        actions=[
            ChangeFlowRunState(
                name=None, state=StateType.CRASHED, message="No heartbeat: the process is gone.", force=False
            )
        ],
    )


def _dead_delivery(notice: UUID) -> AutomationCore:
    return AutomationCore(
        name="Tocsin: dead delivery",
        description="An alert was refused for good: somebody did not get it, and will not.",
        trigger=EventTrigger(
            expect={"tocsin.delivery.failed"},
            match={"tocsin.final": "yes"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[_tell(notice, "dead delivery", "{{ event.payload.problems }}; see tocsin alerts --state dead")],
    )


def _tell(notice: UUID, subject: str, template: str) -> ActionTypes:
    text: Any = {"__prefect_kind": "jinja", "template": template} if "{{" in template else template
    return RunDeployment(
        source="selected", deployment_id=notice, parameters={"subject": subject, "text": text}, job_variables=None
    )


def main() -> None:
    """Install them on the server of ``PREFECT_API_URL``, where workers run the deployments of prefect.yaml."""
    config = reading.load(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    with get_client(sync_client=True) as client:
        notice = client.read_deployment_by_name("notice/tocsin").id
        install(client, notice=notice, poll_minutes=config.schedule.poll_minutes)


if __name__ == "__main__":
    main()
