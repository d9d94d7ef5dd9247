-- Purpose:  each table and partition is stored as restock.storage_setting says, autovacuum of the hot ones above all.
-- Severity: warn
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with stored as (
    select
        s.table_name,
        concat(s.parameter, '=', s.value) as setting
    from restock.storage_setting as s
),

unset as (
    select c.relname
    from stored as s
    inner join pg_class as t on t.relnamespace = 'restock'::regnamespace and s.table_name = t.relname
    left join pg_inherits as i on t.oid = i.inhparent
    inner join pg_class as c on coalesce(i.inhrelid, t.oid) = c.oid
    where s.setting <> all(coalesce(c.reloptions, '{}'))
)

select
    count(*) = 0 as is_valid,
    concat('tables such as ', min(relname), ' (', count(*), ' in all)') as debug_value
from unset
