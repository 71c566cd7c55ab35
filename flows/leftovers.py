"""What an earlier runner left on the server: runs that nobody runs any more, and the slots that they hold.

Prefect frees the slot of a killed run only when its lease ends, and never when its server was killed as
well: then every later poll would be cancelled. Missed runs need no care, as a deployment that is
registered again loses its old schedule; the next poll does their work.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

ALIVE = ("RUNNING", "PENDING", "CANCELLING")


def clear(client: SyncPrefectClient, deployments: Iterable[UUID]) -> list[str]:
    """Mark the runs of a dead runner as crashed and free their slots; gives their names.

    To be called before the runner starts: what it started ends with it (``lifeline``), so nothing is alive.
    """
    ended: list[str] = []
    for deployment in deployments:
        for run in _alive(client, deployment):
            client.set_flow_run_state(run.id, Crashed(message="The runner ended before this run did."), force=True)
            ended.append(run.name)
        _free(client, deployment)
    return ended


def _alive(client: SyncPrefectClient, deployment: UUID) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": list(ALIVE)}}}),
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        limit=200,
    )


def _free(client: SyncPrefectClient, deployment: UUID) -> None:
    name = f"deployment:{deployment}"  # as the server names the limit of a deployment
    try:
        client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(active_slots=0))
    except ObjectNotFound:
        return  # a deployment without a limit
