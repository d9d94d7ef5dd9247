-- Purpose: note how far a source was read for a feed.
-- Binds:   source, feed, watermark, clock.
update restock.source_watermark
set
    watermark = %(watermark)s,
    advanced_at = %(clock)s
where source = %(source)s and feed = %(feed)s
