"""Which role asked for what, and which statement of its policy let it: one JSON object a line, in the file E2E_JOURNAL."""

import json
import os
import threading
from contextvars import ContextVar
from typing import Any

import ministack.app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region

_lock = threading.Lock()
_matched: ContextVar[list[str]] = ContextVar("matched")


def install() -> None:
    """Write down every decision about a role from now on, and take every connection for an encrypted one."""
    _note_decisions()
    _call_loopback_secure()


def may(access_key_id: str, action: str, resource: str) -> bool:
    """Whether the role behind a key may do this; for what AWS's services do in its name, without a request of it."""
    principal = iam_evaluator.resolve_principal(access_key_id, get_account_id())
    if isinstance(principal, iam_evaluator.AuthError) or principal.policies is None:  # nobody; the account itself
        return not isinstance(principal, iam_evaluator.AuthError)
    context = iam_evaluator.EvalContext(
        principal.arn, principal.type, principal.account, action, resource, get_region(), principal_keys=principal.keys
    )
    answer = iam_evaluator.evaluate(context, principal.policies)
    _note(principal.arn, action, resource, answer.matched_sid if answer.decision == "Allow" else None)
    return bool(answer.decision == "Allow")


def _note_decisions() -> None:
    decide, evaluate = iam_evaluator.enforce, iam_evaluator.evaluate

    def noting_evaluate(context: Any, policies: Any, *limits: Any) -> Any:
        answer = evaluate(context, policies, *limits)
        _matched.get([]).append(answer.matched_sid)
        return answer

    def noting_enforce(access_key_id: str, iam_action: str, service: str, region: str, **named: Any) -> Any:
        sids: list[str] = []
        token = _matched.set(sids)
        denied = decide(access_key_id, iam_action, service, region, **named)
        _matched.reset(token)
        principal = iam_evaluator.resolve_principal(access_key_id or "", get_account_id())
        sid = sids[0] if sids and denied is None else None
        _note(getattr(principal, "arn", ""), iam_action, named.get("resource_arn", "*"), sid)
        return denied

    iam_evaluator.enforce, iam_evaluator.evaluate = noting_enforce, noting_evaluate


def _note(arn: str, action: str, resource: str, sid: str | None) -> None:
    if ":assumed-role/" not in arn:
        return
    line = json.dumps({"role": arn.split("/")[1], "action": action, "resource": resource, "sid": sid})
    with _lock, open(os.environ["E2E_JOURNAL"], "a", encoding="utf-8") as file:  # noqa: PTH123 - as short
        file.write(line + "\n")


def _call_loopback_secure() -> None:
    """Policies that refuse what is not encrypted would refuse everything here: the emulator has no certificate."""
    pin = ministack.app.pin_request_origin
    ministack.app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)  # noqa: FBT003
