-- Purpose: lock_feed.sql where nobody has to be waited for.
-- Binds:   feed.
-- Grain:   one row: whether the lock is held now.
select pg_try_advisory_xact_lock(hashtextextended('restock ingest ' || %(feed)s, 0)) as is_locked
