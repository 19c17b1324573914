"""What is remembered, in SQLite or PostgreSQL: the only rooms that know SQLAlchemy and Alembic."""
