-- Purpose: replay of rejected rows, gates, source databases.
-- Run by:  Alembic (0002_feeds.py), inside one transaction.

select 1;
