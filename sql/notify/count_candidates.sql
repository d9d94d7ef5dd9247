-- Purpose: how many candidates each bucket holds.
-- Grain:   one row a bucket that holds any.
select
    bucket,
    count(*) as candidate_count
from restock.candidate
group by bucket
order by bucket
