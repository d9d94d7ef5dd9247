-- Purpose: the candidates of a shard, with what rules 7 and 8 need to know of each.
-- Binds:   first_bucket, last_bucket, default_timezone.
-- Grain:   one row a request and episode.
select
    k.episode_id,
    k.request_key,
    r.request_id,
    r.user_id,
    r.store_id,
    r.channel,
    restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
    coalesce(r.timezone, c.timezone, %(default_timezone)s) as timezone,
    coalesce(r.locale, c.locale) as locale,
    k.position,
    k.wave,
    k.due_at
from restock.candidate as k
inner join restock.request as r on k.request_key = r.request_key
left join restock.customer as c on r.user_id = c.user_id
where k.bucket between %(first_bucket)s and %(last_bucket)s
