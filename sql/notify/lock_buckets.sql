-- Purpose: let one transaction at a time plan for the shoppers of these buckets, so that two runs that overlap
--          neither plan a candidate twice nor exceed a daily cap between them.
-- Binds:   lock_class, first_bucket, last_bucket.
select pg_advisory_xact_lock(%(lock_class)s, bucket)
from generate_series(%(first_bucket)s::int, %(last_bucket)s::int) as bucket
