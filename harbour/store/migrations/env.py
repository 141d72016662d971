"""What Alembic runs: `open_database` hands it an open connection, so there is no ini file."""

from alembic import context

from harbour.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
