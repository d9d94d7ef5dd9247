-- Purpose: room on the pages of the outbox for a lease on every row: a claim takes whole pages, and a leased row is
--          longer. Without it half of the leases moved to other pages, with new entries in both indexes.
-- Run by:  Alembic (0010_outbox.py), inside one transaction. Rows that are there stay where they are.
alter table restock.outbox set (fillfactor = 30);
