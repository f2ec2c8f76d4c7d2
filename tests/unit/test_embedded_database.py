"""The embedded database: durable, and clear about what is wrong with its folder."""

import sqlite3
from pathlib import Path

import pytest

from chalicelib.domain.charge import ChargeState
from chalicelib.errors import ConfigurationError, UnavailableError
from local import database
from local.database import Database
from tests.builders import A_MOMENT, a_charge, a_clock, a_record
from tests.families import embedded_family


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    record = a_record()
    with embedded_family(tmp_path / "deep/down", a_clock()) as family:
        family.invoices().register(record)

    with embedded_family(tmp_path / "deep/down", a_clock()) as family:
        assert family.invoices().load(record.invoice_id) == record


def test_commits_wait_for_the_disk(tmp_path: Path) -> None:
    opened = Database(tmp_path)
    with opened.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    opened.close()


def test_an_exception_undoes_the_whole_transaction(tmp_path: Path) -> None:
    opened = Database(tmp_path)

    def write_half() -> None:
        with opened.writing() as connection:
            connection.execute("INSERT INTO contents VALUES ('a', 'b')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    with opened.reading() as connection:
        assert connection.execute("SELECT count(*) FROM contents").fetchone() == (0,)
    opened.close()


def test_a_folder_that_is_a_file_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(ConfigurationError, match="INVOICES_DATA_DIR") as told:
        Database(tmp_path / "file" / "data")

    assert told.value.code == "data_dir_unusable"


def test_a_file_that_is_no_database_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "invoices.sqlite").write_bytes(b"not a database" * 100)

    with pytest.raises(ConfigurationError, match="not a database") as told:
        Database(tmp_path)

    assert told.value.code == "data_dir_unusable"


def test_a_folder_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    Database(tmp_path).close()
    set_version(tmp_path, database.SCHEMA + 1)

    with pytest.raises(ConfigurationError, match="newer version") as told:
        Database(tmp_path)

    assert told.value.code == "data_dir_too_new"
    assert version(tmp_path) == database.SCHEMA + 1


def test_a_folder_of_an_older_program_keeps_its_invoices_and_gets_a_ledger(tmp_path: Path) -> None:
    record = a_record()
    with embedded_family(tmp_path, a_clock()) as family:
        family.invoices().register(record)
    with sqlite_of(tmp_path) as connection:
        for table in ("charges", "sums", "facts", "tokens"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE objects DROP COLUMN sequence")
    connection.close()
    set_version(tmp_path, 1)

    with embedded_family(tmp_path, a_clock()) as family:
        family.ledger().share(a_charge(state=ChargeState.SHARED))
        assert family.invoices().load(record.invoice_id) == record
        assert family.ledger().spending(A_MOMENT.date()).day_usd == a_charge().usd

    assert version(tmp_path) == database.SCHEMA


def test_a_connection_that_was_in_use_while_all_were_closed_is_closed_after(tmp_path: Path) -> None:
    opened = Database(tmp_path)
    with opened.reading() as connection:
        opened.close()

    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_a_database_that_stays_busy_is_unavailable(tmp_path: Path) -> None:
    opened = Database(tmp_path)
    with opened.reading() as connection:
        connection.execute("PRAGMA busy_timeout = 1")

    with sqlite_of(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError) as told, opened.writing():
            pass
        other.execute("ROLLBACK")

    other.close()
    assert told.value.code == "database_busy"
    opened.close()


def sqlite_of(folder: Path) -> sqlite3.Connection:
    """A connection of somebody else."""
    return sqlite3.connect(folder / "invoices.sqlite", isolation_level=None)


def set_version(folder: Path, number: int) -> None:
    """Let the file say that its schema is of version `number`."""
    connection = sqlite_of(folder)
    connection.execute(f"PRAGMA user_version = {number}")
    connection.close()


def version(folder: Path) -> int:
    """The version of the schema."""
    connection = sqlite_of(folder)
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(number)
