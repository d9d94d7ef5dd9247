-- Purpose: write down that a run of a DAG came to its end.
-- Binds:   name.
insert into restock.heartbeat (name, beat_at)
values (%(name)s, clock_timestamp())
on conflict (name) do update
    set beat_at = greatest(heartbeat.beat_at, excluded.beat_at)
