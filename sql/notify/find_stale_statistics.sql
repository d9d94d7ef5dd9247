-- Purpose: which tables grew by so much that the planner has to be told.
-- Binds:   tables (names), written (rows).
-- Grain:   one row a table.
select c.oid::regclass::text as table_name
from pg_class as c
where c.oid = any(%(tables)s::regclass[]) and c.reltuples < 4 * %(written)s
