-- Purpose: the traces of decisions, overrides, replay.
-- Run by:  Alembic (0003_schedule.py), inside one transaction.

select 1;
