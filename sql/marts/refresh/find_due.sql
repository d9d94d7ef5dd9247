-- Purpose: whether the summaries are due: something changed, and they were not written so shortly before that writing
--          them takes more than a twentieth of the time; or a day has passed, because a purchase has only so many days
--          to follow a message.
-- Binds:   clock, tables (array of the names of the tables summed up).
-- Grain:   one row: the row changes counted so far, is_due.
with counted as (
    -- PostgreSQL counts for each partition by itself.
    select sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::bigint as changes
    from pg_class as t
    left join pg_inherits as i on t.oid = i.inhparent
    inner join pg_stat_user_tables as s on coalesce(i.inhrelid, t.oid) = s.relid
    where t.relnamespace = 'restock'::regnamespace and t.relname = any(%(tables)s)
)

select
    c.changes,
    coalesce(
        (c.changes <> r.changes and r.refreshed_at + make_interval(secs => 20 * r.seconds) <= %(clock)s)
        or r.refreshed_at + interval '1 day' <= %(clock)s,
        true
    ) as is_due
from counted as c
left join restock.mart_refresh as r on r.only_one
