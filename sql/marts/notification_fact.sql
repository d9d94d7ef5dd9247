-- Purpose: mart.notification_fact, what became of each message.
-- Grain:   one row a message.
create or replace view mart.notification_fact as
with item as (
    select
        notification_key,
        count(*) filter (where dropped_at is null) as item_count,
        count(*) filter (where dropped_at is not null) as dropped_item_count
    from restock.decision
    where notification_key is not null
    group by notification_key
),

attempt as (
    select
        notification_key,
        min(started_at) as first_attempt_at,
        min(finished_at) filter (where outcome = 'accepted') as accepted_at,
        count(*) filter (where outcome = 'in_doubt') as in_doubt_count
    from restock.delivery_attempt
    group by notification_key
)

select
    n.notification_id,
    restock.hide_address(n.user_id, z.salt) as user_id,
    n.channel,
    n.store_id,
    n.locale,
    n.timezone,
    n.local_day,
    n.status,
    n.status_at,
    n.created_at,
    n.first_due_at,
    n.due_at,
    a.first_attempt_at,
    a.accepted_at,
    n.attempt_count,
    n.policy_id,
    coalesce(a.in_doubt_count, 0) as in_doubt_count,
    coalesce(i.item_count, 0) as item_count,
    coalesce(i.dropped_item_count, 0) as dropped_item_count
from restock.notification as n
left join item as i on n.notification_key = i.notification_key
left join attempt as a on n.notification_key = a.notification_key
cross join restock.mart_salt as z;
comment on view mart.notification_fact is
'What became of each message. Grain: one message to one shopper on one channel.';
comment on column mart.notification_fact.notification_id is 'Id that went out as Message-ID and Idempotency-Key.';
comment on column mart.notification_fact.user_id is 'Shopper.';
comment on column mart.notification_fact.channel is 'Channel.';
comment on column mart.notification_fact.store_id is 'Store.';
comment on column mart.notification_fact.locale is 'Language of the message.';
comment on column mart.notification_fact.timezone is 'Wall clock that quiet hours and the day were read on.';
comment on column mart.notification_fact.local_day is 'Day of the message on that wall clock.';
comment on column mart.notification_fact.status is
'scheduled, sent, held, cancelled, failed (will be tried again) or dead; a sender may have what is scheduled or'
' failed.';
comment on column mart.notification_fact.status_at is 'Since when.';
comment on column mart.notification_fact.created_at is 'When it was scheduled.';
comment on column mart.notification_fact.first_due_at is 'Due time of its first item.';
comment on column mart.notification_fact.due_at is 'Due time of the message, which is that of its last item.';
comment on column mart.notification_fact.first_attempt_at is 'When it was first tried; null where it was not yet.';
comment on column mart.notification_fact.accepted_at is 'When the provider accepted it; null where it did not.';
comment on column mart.notification_fact.attempt_count is 'Attempts made.';
comment on column mart.notification_fact.policy_id is 'Version of the settings that it was scheduled under.';
comment on column mart.notification_fact.in_doubt_count is
'Attempts after which nobody knew whether the provider had the message.';
comment on column mart.notification_fact.item_count is 'Products that it tells of.';
comment on column mart.notification_fact.dropped_item_count is
'Products that the last look before sending took out of it.';
