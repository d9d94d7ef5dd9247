-- Purpose: take the candidates of a shard out, with what rules 7 and 8 need to know of each. They return if the
--          transaction does not commit.
-- Binds:   first_bucket, last_bucket.
-- Grain:   one row a request and episode.
with taken as (
    delete from restock.candidate
    where bucket between %(first_bucket)s and %(last_bucket)s
    returning *
)

select
    k.episode_id,
    k.request_key,
    k.request_id,
    k.user_id,
    e.store_id,
    e.product_id,
    k.category,
    k.channel,
    k.contact,
    k.timezone,
    k.locale,
    k.tier,
    k.position,
    k.wave,
    k.due_at,
    k.ranked_at,
    k.last_told_at,
    k.looks
from taken as k
inner join restock.episode as e on k.episode_id = e.episode_id
