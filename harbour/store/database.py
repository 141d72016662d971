"""Opening the database: the engine, SQLite's settings and the migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from harbour.settings import Settings
from harbour.store.store import READ_ONLY, Store

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 5_000


def open_database(settings: Settings) -> Store:
    """The store in `settings`, brought to the newest revision.

    SQLite at `<var>/harbour.db` unless `DATABASE_URL` names another database.
    Raises OSError when var cannot be made, SQLAlchemyError when the database cannot be opened.
    """
    url = make_url(settings.database_url or f"sqlite:///{settings.var / 'harbour.db'}")
    # hide_parameters: an error's text goes to the log, and parameters are what people wrote.
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.drivername.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        settings.var.mkdir(parents=True, exist_ok=True)
        _prepare_sqlite(engine)
    upgrade(engine)
    return Store(engine)


def upgrade(engine: Engine) -> None:
    """Run all migrations that have not run yet, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits in a power cut, and what a
        # visitor was told is stored must be stored. It costs one fsync a commit.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another wrote in
        # between, whatever the busy timeout; taking the write lock at the start waits instead.
        reading = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
