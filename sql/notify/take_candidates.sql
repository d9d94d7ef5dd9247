-- Purpose: take the candidates of a shard out, with what rules 7 and 8 need to know of each. They return if the
--          transaction does not commit. Addresses are read where they stand: here they would stand once more.
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
    restock.address_for(k.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
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
inner join restock.request as r on k.request_key = r.request_key
left join restock.customer as c on k.user_id = c.user_id
