-- Purpose: the file as which this content was loaded.
-- Binds:   feed, content_hash.
-- Grain:   at most one row.
select path
from restock.feed_file
where feed = %(feed)s and content_hash = %(content_hash)s and status = 'loaded'
