-- Purpose: write down that somebody looks at the conditions of the alerts. After a pause of ten minutes watching begins
--          anew.
-- Binds:   clock, looked_by.
-- Grain:   one row: watching_since.
insert into restock.watch (looked_at, looked_by, watching_since)
values (%(clock)s, %(looked_by)s, %(clock)s)
on conflict (is_only) do update
    set
        looked_at = greatest(watch.looked_at, excluded.looked_at),
        looked_by = excluded.looked_by,
        watching_since = case
            when watch.looked_at < excluded.looked_at - interval '10 minutes' then excluded.watching_since
            else watch.watching_since
        end
returning watching_since
