-- Purpose: restock_ingest found nothing left to load into a warehouse that was restored; settling it waits for that.
insert into restock.heartbeat (name, beat_at)
select
    'restock_ingest found nothing to load',
    clock_timestamp()
where
    exists (
        select 1
        from restock.restore
        where settled_at is null
    )
on conflict (name) do update
    set beat_at = excluded.beat_at
