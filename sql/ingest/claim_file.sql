-- Purpose: record a file as loaded, unless its content or this version of it is recorded already. Another transaction
--          that is loading the same content is waited for.
-- Binds:   feed, path, byte_size, modified_at, content_hash, unknown_columns, run_id, origin,
--          header_text.
-- Grain:   one row, or none.
insert into restock.feed_file (
    feed, path, byte_size, modified_at, content_hash, status, unknown_columns, run_id, origin, header_text
)
values (
    %(feed)s,
    %(path)s,
    %(byte_size)s,
    %(modified_at)s,
    %(content_hash)s,
    'loaded',
    %(unknown_columns)s,
    %(run_id)s,
    %(origin)s,
    %(header_text)s
)
on conflict do nothing
returning feed_file_id
