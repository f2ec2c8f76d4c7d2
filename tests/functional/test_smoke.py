"""`python -m ops smoke`, against the local server that stands in for a deployed stage."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chalicelib.bootstrap import Services, services
from chalicelib.domain.record import Status
from chalicelib.ports import InvoiceQuery
from local.family import EmbeddedAdapters
from local.http_server import serve_app
from local.stack import loaded_app
from ops.cli import main
from ops.smoke.checks import Pace
from ops.smoke.run import Report, run_smoke
from tests.builders import a_clock, some_settings
from tests.functional.conftest import EmbeddedWithoutOcr
from tests.local_server import LocalServer
from tests.web import a_free_port

_QUICK = Pace(for_api=0, for_result=0, between=0.01)
_CHECKS = (
    "health", "queues before", "no token", "wrong token", "token", "no document", "bad JSON", "send", "result",
    "original", "same bytes", "queues after", "delete",
)  # fmt: skip


@contextmanager
def a_stage(tmp_path: Path, **environment: str) -> Iterator[tuple[LocalServer, Services]]:
    """A running stage that is shut, and its use cases."""
    server = LocalServer(tmp_path / "data", environment={"INVOICES_AUTH": "true", **environment})
    server.start()
    settings = some_settings(tmp_path / "data", auth=True)
    adapters = EmbeddedAdapters(settings)
    yield server, Services(settings, adapters)
    adapters.close()
    assert server.stop() == 0


@contextmanager
def a_stage_without_events(tmp_path: Path) -> Iterator[tuple[str, Services]]:
    """A stage whose uploads nobody reads: its address, and its use cases."""
    settings = some_settings(tmp_path / "data", auth=True)
    stage = Services(settings, EmbeddedWithoutOcr(settings))
    port = a_free_port()
    server = serve_app(loaded_app(), port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    with services.replaced_by(stage):
        thread.start()
        yield f"http://127.0.0.1:{port}", stage
        server.shutdown()
        thread.join()
        server.server_close()


def results(report: Report) -> dict[str, bool | None]:
    """How each check came out."""
    return {check.name: check.is_good for check in report.checks}


def left_behind(stage: Services) -> dict[str, Any]:
    """What a run could have forgotten to clean up."""
    return {
        "tokens": stage.adapters.tokens().listed(),
        "invoices": stage.adapters.invoices().page(InvoiceQuery()).records,
        "remains": stage.adapters.invoices().page(InvoiceQuery(status=Status.ERASED)).records,
        "documents": list(stage.adapters.documents().listed("")),
    }


NOTHING: dict[str, Any] = {"tokens": (), "invoices": (), "remains": (), "documents": []}


def test_a_stage_that_works_passes_every_check_and_keeps_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    with a_stage(tmp_path) as (server, stage):
        report = run_smoke(server.url, stage, say=said.append, pace=Pace(between=0.05))

        assert results(report) == dict.fromkeys(_CHECKS, True)
        assert report.is_good
        assert report.problem() is None
        assert [line.split()[0] for line in said if not line.startswith("…")] == ["ok"] * len(_CHECKS)
        assert left_behind(stage) == NOTHING


def test_two_runs_send_two_documents(tmp_path: Path) -> None:
    with a_stage(tmp_path) as (server, stage):
        first, second = (run_smoke(server.url, stage, say=lambda _: None, pace=Pace(between=0.05)) for _ in range(2))

    assert first.is_good
    assert second.is_good
    assert first.checks[7].detail != second.checks[7].detail  # other ids


def test_the_command_uses_the_token_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INVOICES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("INVOICES_AUTH", "true")
    with a_stage(tmp_path) as (server, stage):
        token = stage.add_token("an-operator").text
        good = main(["smoke", "--stage", "local", "--url", server.url, "--token", token])
        shown = capsys.readouterr().out
        bad = main(["smoke", "--stage", "local", "--url", server.url, "--token", "si_" + 43 * "x"])

    assert (good, bad) == (0, 1)
    assert shown.endswith("All is well.\n")
    assert token not in shown
    assert "token: GET /invoices with our token: 200 was to come, and 401 unauthorized came." in capsys.readouterr().out


def test_an_open_stage_passes_without_the_checks_of_tokens(tmp_path: Path) -> None:
    with a_stage(tmp_path, INVOICES_AUTH="false") as (server, stage):
        report = run_smoke(
            server.url,
            Services(stage.settings.model_copy(update={"auth": False}), stage.adapters),
            say=lambda _: None,
            pace=Pace(between=0.05),
        )

    assert results(report) == dict.fromkeys(_CHECKS, True) | {"no token": None, "wrong token": None}
    assert report.is_good


def test_a_stage_that_is_open_and_should_not_be_fails(tmp_path: Path) -> None:
    with a_stage(tmp_path, INVOICES_AUTH="false") as (server, stage):
        report = run_smoke(server.url, stage, say=lambda _: None, pace=Pace(between=0.05))

    assert results(report) == dict.fromkeys(_CHECKS, True) | {"no token": False, "wrong token": False}
    assert "GET /invoices without a token: 401 was to come, and 200 " in str(report.problem())


def test_a_wrong_result_is_told_and_the_invoice_is_deleted_all_the_same(tmp_path: Path) -> None:
    with a_stage(tmp_path, INVOICES_MAX_XML_BYTES="2000") as (server, stage):
        report = run_smoke(server.url, stage, say=lambda _: None, pace=Pace(between=0.05))

        assert not report.is_good
        assert results(report)["send"] is False
        assert left_behind(stage) == NOTHING


def test_a_document_that_nobody_reads_is_told_and_deleted(tmp_path: Path) -> None:
    with a_stage_without_events(tmp_path) as (url, stage):
        report = run_smoke(url, stage, say=lambda _: None, pace=_QUICK)

        assert results(report)["result"] is False
        assert "result: There is no result after 0 s; its status is still 'received'." in str(report.problem())
        assert left_behind(stage) == NOTHING


def test_failures_that_come_in_meanwhile_are_told(tmp_path: Path) -> None:
    with a_stage_without_events(tmp_path) as (url, stage):
        say = after("send", lambda: stage.adapters.parking().send("{}"))
        report = run_smoke(url, stage, say=say, pace=_QUICK)

    assert "queues after: Failures came in meanwhile: dead letters 0 → 0, parked 0 → 1." in str(report.problem())


def test_what_was_sent_is_deleted_when_somebody_stops_the_run(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with a_stage_without_events(tmp_path) as (url, stage):
        with pytest.raises(KeyboardInterrupt):
            run_smoke(url, stage, say=after("send", stop), pace=_QUICK)

        assert left_behind(stage) == NOTHING


def test_an_api_that_does_not_answer_is_told(tmp_path: Path) -> None:
    settings = some_settings(tmp_path, auth=True)
    adapters = EmbeddedAdapters(settings, a_clock())
    report = run_smoke(
        f"http://127.0.0.1:{a_free_port()}", Services(settings, adapters), say=lambda _: None, pace=_QUICK
    )
    adapters.close()

    assert "health: GET /health: 200 was to come, and no answer ([Errno 111] Connection refused) came." in str(
        report.problem()
    )


def after(check: str, act: Callable[[], None]) -> Callable[[str], None]:
    """What does something as soon as a check was said."""

    def say(line: str) -> None:
        if line.split()[1:2] == [check]:
            act()

    return say
