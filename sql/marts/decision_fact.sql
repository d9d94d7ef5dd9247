-- Purpose: mart.decision_fact, what was decided for each request in each restock, and how that ended.
-- Grain:   one row a request and episode.
create or replace view mart.decision_fact as
select
    restock.hide_address(r.request_id, z.salt) as request_id,
    d.episode_id,
    r.store_id,
    r.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    restock.hide_address(r.user_id, z.salt) as user_id,
    r.surface,
    r.channel,
    r.quantity,
    r.requested_at,
    e.opened_at,
    d.outcome,
    d.rule,
    d.position,
    d.wave,
    d.due_at,
    d.scheduled_at,
    d.decided_at,
    d.dropped_at,
    n.notification_id,
    n.status as notification_status,
    d.policy_id,
    coalesce(c.tier, 0) as tier,
    case when d.dropped_at is null and n.status = 'sent' then n.status_at end as accepted_at,
    coalesce(o.status, 'open') as request_status
from restock.decision as d
inner join restock.request as r on d.request_key = r.request_key
inner join restock.episode as e on d.episode_id = e.episode_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join restock.customer as c on r.user_id = c.user_id
left join restock.notification as n on d.notification_key = n.notification_key
left join restock.request_outcome as o on d.request_key = o.request_key
cross join restock.mart_salt as z;
comment on view mart.decision_fact is
'What was decided for each request in each restock, by which rule, and how that ended. Grain: one request and episode.';
comment on column mart.decision_fact.request_id is 'Id given by the surface.';
comment on column mart.decision_fact.episode_id is 'Restock: one stretch of availability of the product in the store.';
comment on column mart.decision_fact.store_id is 'Store.';
comment on column mart.decision_fact.product_id is 'Product.';
comment on column mart.decision_fact.product_name is 'Name of the product; null where the catalogue does not have it.';
comment on column mart.decision_fact.category is 'Category of the product.';
comment on column mart.decision_fact.brand is 'Brand of the product.';
comment on column mart.decision_fact.user_id is 'Shopper.';
comment on column mart.decision_fact.surface is 'Where it was asked: app, web, mobile_web, cart.';
comment on column mart.decision_fact.channel is 'Channel to be told on.';
comment on column mart.decision_fact.quantity is 'Units wanted.';
comment on column mart.decision_fact.requested_at is 'When the shopper asked.';
comment on column mart.decision_fact.opened_at is 'When the pipeline saw the product available.';
comment on column mart.decision_fact.outcome is
'told (own message at its due time), delayed (later), merged (in a message with others), capped, skipped, held.';
comment on column mart.decision_fact.rule is 'The rule that had the last word.';
comment on column mart.decision_fact.position is 'Place in the queue of the restock, from 1; null where it got none.';
comment on column mart.decision_fact.wave is 'Wave, from 0; null where it got no place.';
comment on column mart.decision_fact.due_at is 'When the wave was due.';
comment on column mart.decision_fact.scheduled_at is 'When the item was due after quiet hours and the daily cap.';
comment on column mart.decision_fact.decided_at is 'When it was decided.';
comment on column mart.decision_fact.dropped_at is
'When the last look before sending took it out of its message; null where it did not.';
comment on column mart.decision_fact.notification_id is 'The message that it stands in, or fell out of.';
comment on column mart.decision_fact.notification_status is 'Status of that message.';
comment on column mart.decision_fact.policy_id is 'Version of the settings that it was decided under.';
comment on column mart.decision_fact.tier is 'Tier of the shopper now; 0 where it is not known.';
comment on column mart.decision_fact.accepted_at is 'When the provider accepted the message with this item in it.';
comment on column mart.decision_fact.request_status is
'How the request ended: notified, cancelled, expired, purchased, suppressed; open where it did not yet.';
