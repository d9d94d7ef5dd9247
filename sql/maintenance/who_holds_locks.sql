-- Purpose: who has locks on tables of the warehouse while a migration waits for one, the longest there first.
-- Binds:   migration_lock.
-- Grain:   one row a session, at most 3: what it is called, and since when it is in a transaction, in words. That is
--          hidden from a login that may not look at the sessions of others.
select
    concat(
        coalesce(nullif(a.application_name, ''), a.usename::text),
        ' (process ', a.pid,
        ', in a transaction since ' || to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS') || ' UTC',
        ')'
    )
from pg_stat_activity as a
where
    a.datname = current_database()
    and a.pid <> pg_backend_pid()
    and exists (
        select 1
        from pg_locks as l
        left join pg_class as c on l.relation = c.oid
        where
            l.pid = a.pid
            and l.granted
            and l.database = a.datid
            and (
                c.relnamespace::regnamespace::text in ('restock', 'staging', 'mart')
                or (l.locktype = 'advisory' and l.objid = %(migration_lock)s)
            )
    )
order by a.xact_start, a.pid
limit 3
