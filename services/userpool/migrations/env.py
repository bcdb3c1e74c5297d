"""Alembic's entrance for this service; `shared.sql.migrate` hands it a connection inside a transaction."""

from alembic import context

from services.userpool.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    **context.config.attributes["options"],
)
context.run_migrations()
