"""`ops token`: who may call the API."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from chalicelib.bootstrap import Services
from chalicelib.domain.client_token import ClientToken
from ops.command import Command
from ops.stages import services_of, told

_MOST_DAYS = 3650
_SHOWN = 8  # characters of the hash, as the log shows them


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, metavar="STAGE", help="dev, staging, prod or local")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a token for a client, and show it this once")
    add.add_argument("--days", type=_days, metavar="N", help="how long it is valid (default: until it is revoked)")
    actions.add_parser("list", help="show whose tokens there are, and until when; never the tokens")
    revoke = actions.add_parser("revoke", help="let a client in no longer")
    for action in (add, revoke):
        action.add_argument("name", metavar="NAME", help="of the client, such as accounting-import")


def _run(parsed: Namespace) -> int:
    actions: Mapping[str, Callable[[Services, Namespace], None]] = {"add": _add, "list": _list, "revoke": _revoke}
    with told(parsed.stage):
        actions[parsed.action](services_of(parsed.stage), parsed)
    return 0


COMMAND = Command("token", "add, list or revoke the tokens of clients", _arguments, _run)


def _add(services: Services, parsed: Namespace) -> None:
    """The token alone goes to standard output, so that a script can take it: `TOKEN=$(…)`."""
    token = services.add_token(parsed.name, timedelta(days=parsed.days) if parsed.days else None)
    end = f"until {_day(token.kept.expires_at)}" if token.kept.expires_at else "until it is revoked"
    print(f"The token of {parsed.name} in stage {parsed.stage}, valid {end}. It is shown only now:", file=sys.stderr)
    print(token.text)
    print("Clients send it as a header: Authorization: Bearer <token>", file=sys.stderr)


def _list(services: Services, parsed: Namespace) -> None:
    tokens, now = services.adapters.tokens().listed(), services.adapters.clock().now()
    if not tokens:
        print(f"Stage {parsed.stage} has no tokens yet. Make one: python -m ops token --stage {parsed.stage} add NAME")
        return
    rows = [("CLIENT", "STATE", "CREATED", "EXPIRES", "SHA-256"), *(_row(token, now) for token in tokens)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _revoke(services: Services, parsed: Namespace) -> None:
    count = services.revoke_tokens(parsed.name)
    if not count:
        print(f"{parsed.name} had no valid token any more.")
        return
    print(f"Revoked the token of {parsed.name}. {_delay(services.settings.auth_seconds)}")


def _delay(seconds: int) -> str:
    return f"API Gateway may remember it for {seconds} seconds more." if seconds else "It is refused from now on."


def _row(token: ClientToken, now: datetime) -> tuple[str, ...]:
    state = "valid" if token.is_valid(now) else "revoked" if token.revoked_at else "expired"
    return token.client, state, _day(token.created_at), _day(token.expires_at), token.sha256[:_SHOWN]


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "-"


def _days(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= _MOST_DAYS:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {_MOST_DAYS}")
