-- Purpose: who has locks on tables of the warehouse while a migration waits for one, the longest there first.
-- Grain:   one row a session, at most 3: what it is called, since when, and what it does, in words.
select
    format(
        '%s (process %s, in a transaction since %s UTC)',
        coalesce(nullif(a.application_name, ''), a.usename::text, 'a session'),
        a.pid,
        to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS')
    )
from pg_stat_activity as a
where
    a.datname = current_database()
    and a.pid <> pg_backend_pid()
    and a.xact_start is not null
    and exists (
        select 1
        from pg_locks as l
        where
            l.pid = a.pid
            and l.granted
            and (
                l.relation in (
                    select c.oid
                    from pg_class as c
                    where c.relnamespace::regnamespace::text in ('restock', 'staging', 'mart')
                )
                or l.locktype = 'advisory'
            )
    )
order by a.xact_start
limit 3
