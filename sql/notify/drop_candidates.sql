-- Purpose: take the candidates of a shard out that one run put there, and that are turned into messages already.
-- Binds:   first_bucket, last_bucket, clock (of the run).
delete from restock.candidate
where
    bucket between %(first_bucket)s and %(last_bucket)s
    and ranked_at = %(clock)s
