-- Purpose: say when the summaries were written, and how long that took.
-- Binds:   clock, seconds, changes.
insert into restock.mart_refresh as standing (refreshed_at, seconds, changes)
values (%(clock)s, %(seconds)s, %(changes)s)
on conflict (only_one) do update
    set
        refreshed_at = excluded.refreshed_at,
        seconds = excluded.seconds,
        changes = excluded.changes
