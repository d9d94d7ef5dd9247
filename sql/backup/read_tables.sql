-- Purpose: the tables whose rows a backup holds.
-- Grain:   one row a table; partitions for themselves.
select
    n.nspname as schema_name,
    c.relname as table_name
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'restock' and c.relkind = 'r'
order by n.nspname, c.relname
