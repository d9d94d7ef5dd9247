-- Purpose: rates, breakers and the replay of dead messages.
-- Run by:  Alembic (0004_delivery.py), inside one transaction.

select 1;
