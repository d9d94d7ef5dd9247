-- Purpose: how far a source was read for a feed. It is held until the end, so that one transaction at a time reads it.
-- Binds:   source, feed, clock.
-- Grain:   one row: watermark, null before the first load.
insert into restock.source_watermark as known (source, feed, advanced_at)
values (%(source)s, %(feed)s, %(clock)s)
on conflict (source, feed) do update
    set advanced_at = known.advanced_at
returning watermark
