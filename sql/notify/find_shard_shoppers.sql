-- Purpose: the shoppers of a shard.
-- Binds:   first_bucket, last_bucket.
-- Grain:   temporary table shard_shopper: one row a shopper with candidates.
create temporary table shard_shopper on commit drop as
select distinct r.user_id
from restock.candidate as k
inner join restock.request as r on k.request_key = r.request_key
where k.bucket between %(first_bucket)s and %(last_bucket)s
