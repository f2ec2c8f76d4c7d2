"""Whatever happens in a sandboxed process, the one that asked goes on."""

import os
import sys
import threading
from collections.abc import Iterator

import pytest

from chalicelib.adapters.sandbox.child import Child
from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.workers import Workers
from chalicelib.errors import RejectedError, UnavailableError

_MODULE = "tests.faults.misbehaving_child"
_ENOUGH = 60.0  # seconds


def some_workers(
    *, memory_bytes: int = 500_000_000, cpu_seconds: float = _ENOUGH, count: int = 1, max_questions: int = 500
) -> Workers:
    arguments = [str(memory_bytes), str(cpu_seconds)]
    return Workers(lambda: Child(_MODULE, arguments), count=count, max_questions=max_questions)


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = some_workers()
    yield made
    made.close()


def ask(workers: Workers, order: str, block: bytes = b"", seconds: float = _ENOUGH) -> Frame:
    return workers.ask(Frame({"order": order}, block), seconds)


def pid_of(workers: Workers) -> int:
    return int(ask(workers, "echo").header["pid"])


def code_of(workers: Workers, order: str, seconds: float = _ENOUGH) -> str:
    with pytest.raises(RejectedError) as caught:
        ask(workers, order, seconds=seconds)
    return caught.value.code


@pytest.mark.parametrize("block", [b"", b"a document", bytes(3_000_000)])
def test_a_question_is_answered_by_another_process(workers: Workers, block: bytes) -> None:
    answer = ask(workers, "echo", block)

    assert answer.block == block
    assert answer.header["pid"] != os.getpid()


def test_one_process_answers_many_questions(workers: Workers) -> None:
    assert len({pid_of(workers) for _ in range(5)}) == 1


def test_a_rejection_keeps_its_code_and_sentence_and_the_process(workers: Workers) -> None:
    before = pid_of(workers)

    with pytest.raises(RejectedError) as caught:
        ask(workers, "reject")

    assert (caught.value.code, caught.value.message) == ("damaged", "This is damaged. Please send another.")
    assert pid_of(workers) == before


@pytest.mark.parametrize("order", ["crash", "fail"])
def test_a_document_that_breaks_the_process_is_unreadable_and_the_next_is_read(workers: Workers, order: str) -> None:
    before = pid_of(workers)

    assert code_of(workers, order) == "unreadable"
    assert pid_of(workers) != before


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the address space")
def test_f14_a_document_that_wants_too_much_memory_is_unreadable_and_the_next_is_read(workers: Workers) -> None:
    assert code_of(workers, "grow") == "unreadable"
    assert ask(workers, "echo", b"next").block == b"next"


@pytest.mark.parametrize("order", ["hang", "spin"])
def test_a_document_that_takes_too_long_is_too_complex_and_the_next_is_read(workers: Workers, order: str) -> None:
    assert code_of(workers, order, seconds=0.3) == "too_complex"
    assert ask(workers, "echo", b"next").block == b"next"


def test_processor_time_is_limited_by_the_process_itself() -> None:
    workers = some_workers(cpu_seconds=0.2)

    assert code_of(workers, "spin") == "too_complex"
    workers.close()


def test_an_old_process_that_dies_is_not_the_documents_fault(workers: Workers) -> None:
    before = pid_of(workers)

    assert ask(workers, "crash when used").header["pid"] != before


def test_a_process_is_replaced_after_some_questions() -> None:
    workers = some_workers(max_questions=2)

    pids = [pid_of(workers) for _ in range(5)]
    workers.close()

    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


def test_a_process_that_died_between_two_questions_is_replaced(workers: Workers) -> None:
    before = pid_of(workers)
    os.kill(before, 9)

    assert pid_of(workers) != before


def test_what_a_library_prints_is_not_part_of_the_answer(workers: Workers) -> None:
    assert ask(workers, "shout", b"quiet").block == b"quiet"


def test_the_process_gets_no_credentials(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for strangers")

    assert not [name for name in ask(workers, "echo").header["environment"] if name.startswith(("AWS", "INVOICES"))]


def test_threads_share_the_processes() -> None:
    workers = some_workers(count=2)
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda block=bytes([number]): answers.append(ask(workers, "echo", block).block))
        for number in range(12)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers.close()

    assert sorted(answers) == [bytes([number]) for number in range(12)]


def test_closed_workers_start_again(workers: Workers) -> None:
    before = pid_of(workers)
    workers.close()

    assert pid_of(workers) != before


def test_a_process_that_cannot_start_is_nobodys_fault_but_ours() -> None:
    workers = Workers(lambda: Child("tests.faults.no_such_module"))

    with pytest.raises(UnavailableError):
        ask(workers, "echo")
