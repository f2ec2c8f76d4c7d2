"""A deployment: look ahead, show, and then go step by step."""

import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from ops import policies
from ops.aws import stacks as cloudformation
from ops.aws.deployments import Held
from ops.deploy.applying import Applying, found_record
from ops.deploy.differences import differences
from ops.deploy.packaging import Built, build_folder, built, copy_configuration, inputs_of, placed, source_hash, untried
from ops.deploy.promotion import TESTED_IN, passed
from ops.deploy.record import Deployment, new_id
from ops.deploy.site import Site
from ops.deploy.stack_state import summary
from ops.deploy.stacks_plan import Stack, check, check_options, stacks
from ops.progress import Step
from ops.project import CONFIG

_UNDONE = "its creation failed and was undone (ROLLBACK_COMPLETE); a deployment deletes it and makes it anew"


class Options(NamedTuple):
    """What the command line asks for."""

    monitoring: bool = True
    by_force: bool = False
    stack_options: Mapping[str, str] = {}


class Deploying:
    """One run of `ops deploy`. First `look_ahead`, which changes nothing, then the steps."""

    def __init__(self, site: Site, options: Options, stack: ExitStack) -> None:
        self._site, self._options, self._stack = site, options, stack
        self._held: Held | None = None
        self._plans: tuple[cloudformation.PlannedStack, ...] = ()
        self._applying: Applying | None = None
        self._built: Built

    def look_ahead(self, *, locked: bool) -> str:
        """Make the package, ask CloudFormation what would change, and say all that; who cannot leaves nothing."""
        with ExitStack() as undone:
            undone.callback(self.forget)
            told = self._seen(locked=locked)
            undone.pop_all()
        return told

    def _seen(self, *, locked: bool) -> str:
        site = self._site
        self._built = self._package()
        there = site.deployments.exist()
        if there and locked:
            self._lock()
        self._check_options()
        for stack in self._stacks():
            plan = self._planned(stack)
            self._plans += (plan,)
            check(plan.name, plan.changes)
        history = site.deployments.history() if there else ()
        inputs = inputs_of(self._built.folder, site.stage)
        return "\n".join(
            (
                f"Deploy to {site.described()}.",
                *(
                    f"  {plan.name}: {_UNDONE}" if plan.is_undone else f"  {summary(plan.name, plan.changes)}"
                    for plan in self._plans
                ),
                *(f"  remove {each}" for each in found_record(site, site.project).surplus()),
                *(f"  {line}" for line in self._untried()),
                *(f"  {line}" for line in differences(history, self._built.package, inputs, site.stage)),
            )
        )

    def forget(self) -> None:
        """Leave everything as it was."""
        for plan in self._plans:
            cloudformation.dropped(self._site.account.cloudformation, plan)
        self._plans = ()

    def steps(self) -> tuple[Step, ...]:
        """All steps."""
        later = ("reconcile", "deploy", "wire", "smoke", "record")
        return (
            Step("provision", self._provision),
            Step("settle", self._settle),
            *(Step(name, partial(self._apply, name)) for name in later),
        )

    @property
    def url(self) -> str:
        """Where the API answers."""
        return (self._applying.deployment.api_url if self._applying else None) or ""

    def _package(self) -> Built:
        """Made here, or, for a stage that is tested elsewhere, the one that passed there."""
        site, architecture = self._site, self._site.architecture()
        folder = build_folder(site.project, site.stage)
        tested_in = TESTED_IN.get(site.stage)
        if tested_in is None:
            return built(site.project, folder, architecture)
        elsewhere = site.history_of(tested_in)
        history = elsewhere.history() if elsewhere.exist() else ()
        package = passed(source_hash(folder, architecture), history, tested_in)
        return placed(folder, elsewhere.package(package.sha256), package)

    def _untried(self) -> tuple[str, ...]:
        """What comes from another stage was tried there."""
        told = None if self._site.stage in TESTED_IN else untried(self._site.architecture())
        return (told,) if told else ()

    def _stacks(self) -> tuple[Stack, ...]:
        return stacks(self._site, monitoring=self._options.monitoring)

    def _check_options(self) -> None:
        client = self._site.account.cloudformation
        known = [name for each in self._stacks() for name in cloudformation.declared(client, each.template)]
        check_options(self._options.stack_options, known)

    def _planned(self, stack: Stack) -> cloudformation.PlannedStack:
        parameters = {"Stage": self._site.stage, **self._options.stack_options}
        return cloudformation.planned(self._site.account.cloudformation, stack.name, stack.template, parameters)

    def _provision(self) -> str:
        client = self._site.account.cloudformation
        self._plans = tuple(map(self._cleared, self._plans, self._stacks()))
        done = sum(cloudformation.executed(client, plan) for plan in self._plans)
        if self._held is None:
            self._lock()
        return f"done, {done} changes"

    def _cleared(self, plan: cloudformation.PlannedStack, stack: Stack) -> cloudformation.PlannedStack:
        """The plan, made anew where a creation that failed had to go first."""
        if not plan.is_undone:
            return plan
        cloudformation.deleted(self._site.account.cloudformation, plan.stack)
        return self._planned(stack)

    def _settle(self) -> str:
        """The bucket's name goes into the configuration, and the configuration into the build's folder."""
        site = self._site
        bucket = cloudformation.outputs(site.account.cloudformation, site.names.data_stack)["Bucket"]
        written = site.project.remember_bucket(site.stage, bucket)
        files = [CONFIG] * written + [f".chalice/{name}" for name in policies.write(site.project.root)]
        copy_configuration(site.project, self._built.folder)
        self._applying = Applying(site, self._built, self._begun())
        return f"done, {bucket} written into {', '.join(files)}: please commit" if files else "nothing to do"

    def _apply(self, name: str) -> str:
        if self._held is None or self._applying is None:
            raise AssertionError("provision and settle come first")
        self._held.renew()
        return next(step for step in self._applying.steps() if step.name == name).run()

    def _begun(self) -> Deployment:
        site, now = self._site, datetime.now(UTC)
        name = new_id(now, self._built.package)
        return Deployment(
            id=name,
            kind="deploy",
            build=name,
            stage=site.stage,
            account=site.account.id,
            region=site.account.region,
            who=site.account.caller,
            started_at=now,
            commit=_commit(),
            package=self._built.package,
            inputs=inputs_of(self._built.folder, site.stage),
        )

    def _lock(self) -> None:
        held = self._site.deployments.locked(self._site.account.caller, by_force=self._options.by_force)
        self._held = self._stack.enter_context(held)


def _commit() -> str | None:
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    except OSError:  # there is no git
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
