-- Purpose: record a file that was not loaded: it failed, or its content was loaded before.
-- Binds:   feed, path, byte_size, modified_at, content_hash, status, reason, run_id.
insert into restock.feed_file (feed, path, byte_size, modified_at, content_hash, status, reason, run_id)
values (
    %(feed)s,
    %(path)s,
    %(byte_size)s,
    %(modified_at)s,
    %(content_hash)s,
    %(status)s,
    %(reason)s,
    %(run_id)s
)
on conflict (path, modified_at, byte_size) do nothing
