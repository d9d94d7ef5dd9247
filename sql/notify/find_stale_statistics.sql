-- Purpose: which tables have grown to more than twice the size at which the planner was last told about them.
-- Binds:   tables (names).
-- Grain:   one row a table.
select c.oid::regclass::text as table_name
from pg_class as c
where
    c.oid = any(%(tables)s::regclass[])
    and pg_relation_size(c.oid) > 2 * c.relpages * current_setting('block_size')::bigint
