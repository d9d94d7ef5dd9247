-- Purpose: mart.attribution, the clicks and purchases that each message is credited with, product by product; and
--          restock.sent_item behind it, the same with keys, which the summaries read.
-- Grain:   one row a request that a sent message answers, which is one product in one message.
create or replace view restock.sent_item as
with sent as (
    select
        d.episode_id,
        d.request_key,
        d.notification_key,
        e.store_id,
        e.product_id,
        n.user_id,
        n.channel,
        d.wave,
        d.policy_id,
        d.decided_at,
        n.due_at,
        n.status_at as sent_at,
        e.opened_at,
        e.snapshot_at
    from restock.decision as d
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.notification as n on d.notification_key = n.notification_key
    where d.dropped_at is null and n.status = 'sent'
),

click as (
    select
        notification_key,
        store_id,
        product_id,
        count(*) as click_count,
        min(clicked_at) as first_clicked_at
    from restock.click
    group by notification_key, store_id, product_id
),

-- Of all messages that were followed by a purchase in time the last one is credited with it, and no other.
credited as (
    select distinct on (p.user_id, p.store_id, p.product_id, p.order_id)
        p.user_id,
        p.store_id,
        p.product_id,
        s.episode_id,
        s.request_key,
        p.ordered_at,
        p.quantity,
        p.amount
    from restock.purchase as p
    inner join sent as s
        on
            p.user_id = s.user_id
            and p.store_id = s.store_id
            and p.product_id = s.product_id
            and p.ordered_at > s.sent_at
            and p.ordered_at <= s.sent_at + interval '72 hours'
    order by
        p.user_id asc,
        p.store_id asc,
        p.product_id asc,
        p.order_id asc,
        s.sent_at desc,
        s.notification_key desc,
        s.request_key desc
),

bought as (
    select
        user_id,
        store_id,
        product_id,
        episode_id,
        request_key,
        count(*) as order_count,
        min(ordered_at) as first_ordered_at,
        sum(quantity) as unit_count,
        sum(amount) as amount
    from credited
    group by user_id, store_id, product_id, episode_id, request_key
)

select
    s.episode_id,
    s.request_key,
    s.notification_key,
    s.store_id,
    s.product_id,
    s.user_id,
    s.channel,
    s.wave,
    s.policy_id,
    s.decided_at,
    s.due_at,
    s.sent_at,
    s.opened_at,
    s.snapshot_at,
    coalesce(c.click_count, 0) as click_count,
    c.first_clicked_at,
    coalesce(b.order_count, 0) as order_count,
    b.first_ordered_at,
    coalesce(b.unit_count, 0) as unit_count,
    b.amount
from sent as s
left join click as c
    on s.notification_key = c.notification_key and s.store_id = c.store_id and s.product_id = c.product_id
left join bought as b
    on
        s.user_id = b.user_id
        and s.store_id = b.store_id
        and s.product_id = b.product_id
        and s.episode_id = b.episode_id
        and s.request_key = b.request_key;
comment on view restock.sent_item is
'One request that one sent message answers, with the clicks on its product in that message and the purchases that the'
' message is credited with: those of that product in that store by that shopper within 72 hours after it, unless a'
' later message about the product came before the purchase. A purchase is credited once.';
comment on column restock.sent_item.episode_id is 'Restock.';
comment on column restock.sent_item.request_key is 'Request.';
comment on column restock.sent_item.notification_key is 'Message.';
comment on column restock.sent_item.store_id is 'Store.';
comment on column restock.sent_item.product_id is 'Product.';
comment on column restock.sent_item.user_id is 'Shopper.';
comment on column restock.sent_item.channel is 'Channel of the message.';
comment on column restock.sent_item.wave is 'Wave, from 0.';
comment on column restock.sent_item.policy_id is 'Policy under which it was decided.';
comment on column restock.sent_item.decided_at is 'When it was decided.';
comment on column restock.sent_item.due_at is 'When the message was due.';
comment on column restock.sent_item.sent_at is 'When the provider accepted the message.';
comment on column restock.sent_item.opened_at is 'When the pipeline saw the product available.';
comment on column restock.sent_item.snapshot_at is 'When the stock was counted that showed it available.';
comment on column restock.sent_item.click_count is 'Clicks on the product in the message.';
comment on column restock.sent_item.first_clicked_at is 'The first of them.';
comment on column restock.sent_item.order_count is 'Orders credited to it.';
comment on column restock.sent_item.first_ordered_at is 'The first of them.';
comment on column restock.sent_item.unit_count is 'Units in them.';
comment on column restock.sent_item.amount is 'What was paid for these; null where no order says it.';

create or replace view mart.attribution as
select
    n.notification_id,
    restock.hide_address(r.request_id, z.salt) as request_id,
    s.episode_id,
    s.store_id,
    s.product_id,
    restock.hide_address(s.user_id, z.salt) as user_id,
    s.channel,
    r.surface,
    s.wave,
    s.policy_id,
    s.sent_at,
    s.click_count,
    s.first_clicked_at,
    s.order_count,
    s.first_ordered_at,
    s.unit_count,
    s.amount
from restock.sent_item as s
inner join restock.notification as n on s.notification_key = n.notification_key
inner join restock.request as r on s.request_key = r.request_key
cross join restock.mart_salt as z;
comment on view mart.attribution is
'The clicks and purchases that each message is credited with. A purchase of the product in the store by the shopper'
' within 72 hours after the message counts for the last message about it before the purchase, and for no other, so sums'
' over this view count it once. Grain: one request that a sent message answers.';
comment on column mart.attribution.notification_id is 'Message.';
comment on column mart.attribution.request_id is 'Request that it answers.';
comment on column mart.attribution.episode_id is 'Restock.';
comment on column mart.attribution.store_id is 'Store.';
comment on column mart.attribution.product_id is 'Product.';
comment on column mart.attribution.user_id is 'Shopper.';
comment on column mart.attribution.channel is 'Channel of the message.';
comment on column mart.attribution.surface is 'Where it was asked: app, web, mobile_web, cart.';
comment on column mart.attribution.wave is 'Wave, from 0.';
comment on column mart.attribution.policy_id is 'Version of the settings that it was decided under.';
comment on column mart.attribution.sent_at is 'When the provider accepted the message.';
comment on column mart.attribution.click_count is 'Clicks on this product in this message, at any time.';
comment on column mart.attribution.first_clicked_at is 'The first of them.';
comment on column mart.attribution.order_count is 'Orders that it is credited with.';
comment on column mart.attribution.first_ordered_at is 'The first of them.';
comment on column mart.attribution.unit_count is 'Units of the product in them.';
comment on column mart.attribution.amount is 'What was paid for these; null where no order says it.';
