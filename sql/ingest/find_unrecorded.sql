-- Purpose: which of the listed files are not recorded yet, whatever became of them then; the oldest first.
-- Binds:   paths, sizes, times (arrays, in step).
-- Grain:   one row a file: its place in the arrays, from 1.
select l.place
from
    unnest(%(paths)s::text[], %(sizes)s::bigint[], %(times)s::timestamptz[])
    with ordinality as l (path, byte_size, modified_at, place)
where
    not exists (
        select 1
        from restock.feed_file as f
        where f.path = l.path and f.modified_at = l.modified_at and f.byte_size = l.byte_size
    )
order by l.modified_at, l.path
