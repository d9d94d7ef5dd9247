-- Purpose: let one transaction at a time merge into the tables of a feed. A merge is several statements that count
--          every row once; under the lock each sees what the one before it left, so no two of them wait for each
--          other in a circle, and none needs to guess what another is about to insert. Reading and checking go on side
--          by side, and who has to wait prepares its merge meanwhile.
-- Binds:   feed.
select pg_advisory_xact_lock(hashtextextended('restock ingest ' || %(feed)s, 0))
