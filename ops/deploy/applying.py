"""The second half of a deployment, which is the same for a rollback: make a stage what a build says."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.aws import gateway_replies, looking, wiring
from ops.aws.failures import missing_permission
from ops.command import OpsError
from ops.deploy.chalice import chalice
from ops.deploy.packaging import Built
from ops.deploy.reconcile import Found, Reconciled, reconciled
from ops.deploy.record import Deployment, State
from ops.deploy.site import Site
from ops.deploy.smoking import smoke_problem
from ops.progress import Step
from ops.project import Project, write_whole

_LOG_DAYS = 90


class Applying:
    """Steps that may each be done again at any time, and stopped anywhere."""

    def __init__(self, site: Site, built: Built, deployment: Deployment, libraries: Path | None = None) -> None:
        self._site, self._built, self._libraries = site, built, libraries
        self._configured = site.of_folder(built.folder)
        self.deployment = deployment

    def steps(self) -> tuple[Step, ...]:
        """All of them, in order."""
        return (
            Step("reconcile", self.reconcile),
            Step("deploy", self.deploy),
            Step("wire", self.wire),
            Step("smoke", self.smoke),
            Step("record", self.record),
        )

    def reconcile(self) -> str:
        """Put Chalice's record where Chalice reads it, mended by what is there."""
        mended = found_record(self._configured, self._site.project)
        wiring.remove_surplus(self._site.account, mended.surplus_apis, mended.surplus_mappings)
        self._keep_chalice(mended.record)
        told = [*mended.remarks, *(f"removed {each}" for each in mended.surplus())]
        return f"done, {'; '.join(told) or 'as recorded'}"

    def deploy(self) -> str:
        """`chalice deploy`; before it, a record says that it began, so that a stop leaves a trace."""
        site = self._site
        site.deployments.keep_package(self._built.package.sha256, self._built.content)
        self._update(State.STARTED)
        self._chalice("deploy", "--stage", site.stage)
        record = self._record()
        self._keep_chalice(record)
        api = _recorded(record, "rest_api_id")[0]
        self._update(State.DEPLOYED, api_id=api, api_url=self._configured.url(api))
        return f"done, {len(_recorded(record, 'lambda_arn', 'lambda_function'))} functions"

    def wire(self) -> str:
        """What Chalice leaves out, and whether it deployed this very package."""
        site, account, names = self._configured, self._site.account, self._site.names
        functions = [arn.rsplit(":", 1)[-1] for arn in _recorded(self._record(), "lambda_arn", "lambda_function")]
        api, limits = self.deployment.api_id or "", site.throttle()
        done = (
            wiring.dead_letters(account, names, site.queue_arn(site.settings().dead_letter_queue_name)),
            wiring.throttle(account, api, site.api_stage, limits),
            wiring.usage_plan(account, names.prefix, f"{api}:{site.api_stage}", limits),
            wiring.keep_logs(account, functions, _LOG_DAYS),
            gateway_replies.set_replies(account, api, site.api_stage),
            *wiring.sleeping_mappings(account, _recorded(self._record(), "event_uuid")),
        )
        wiring.check_code(account, functions, self._built.package.sha256)
        return f"done, {', '.join(done)}"

    def smoke(self) -> str:
        """Does it work?"""
        if problem := smoke_problem(self._configured.settings(), self.deployment.api_url or ""):
            self._update(State.FAILED)
            raise OpsError(f"{problem} To go back: python -m ops rollback --stage {self._site.stage}")
        return "passed"

    def record(self) -> str:
        """Note that all went well."""
        self._update(State.PASSED)
        return f"done, {self.deployment.id}"

    def _chalice(self, *arguments: str) -> None:
        chalice(self._built.folder, arguments, self._site.account.region, missing_permission, self._libraries)

    @property
    def _recorded_path(self) -> Path:
        return self._built.folder / ".chalice" / "deployed" / f"{self._site.stage}.json"

    def _record(self) -> dict[str, Any]:
        return dict(json.loads(self._recorded_path.read_text(encoding="utf-8")))

    def _keep_chalice(self, record: dict[str, Any]) -> None:
        """In the bucket for everybody, in the build's folder for Chalice, and in the project for plain Chalice."""
        self._site.deployments.keep_chalice(record)
        for path in (self._recorded_path, self._site.project.deployed_path(self._site.stage)):
            write_whole(path, json.dumps(record, indent=2) + "\n")

    def _update(self, state: State, **changes: str) -> None:
        finished = None if state is State.STARTED else datetime.now(UTC)
        self.deployment = self.deployment.model_copy(update={"state": state, "finished_at": finished, **changes})
        self._site.deployments.keep(self.deployment)


def found_record(site: Site, project: Project) -> Reconciled:
    """What Chalice's record should say, by looking; the recorded one comes from the bucket, else from the project."""
    found = look(site)
    there = site.deployments.exist()
    recorded = (site.deployments.chalice() if there else None) or _local(project.deployed_path(site.stage))
    used = [each.api_id for each in (site.deployments.history() if there else ()) if each.api_id]
    return reconciled(found, recorded, site.names, site.address, used)


def look(site: Site) -> Found:
    """What is there."""
    return looking.found(site.account, site.stage, site.project.stages(), site.settings().bucket_name)


def _local(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:  # a stop while plain Chalice wrote it; looking tells the same
        return None


def _recorded(record: Mapping[str, Any], key: str, kind: str | None = None) -> list[str]:
    """The values of `key` in Chalice's record, of resources of one kind or of all."""
    resources = record.get("resources", [])
    return [str(each[key]) for each in resources if key in each and kind in {None, each["resource_type"]}]
