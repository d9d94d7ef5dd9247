-- Purpose: which tables have grown to more than twice the size at which the planner was last told about them; of a
--          partitioned table any partition.
-- Binds:   tables (names).
-- Grain:   one row a table.
select distinct t.oid::regclass::text as table_name
from unnest(%(tables)s::regclass[]) as t (oid)
left join pg_inherits as i on t.oid = i.inhparent
inner join pg_class as c on coalesce(i.inhrelid, t.oid) = c.oid
where pg_relation_size(c.oid) > 2 * c.relpages * current_setting('block_size')::bigint
