-- Purpose: mart.dead_message, the messages that were given up; the parameter replay_dead of restock_notify tries them
--          once more. What the provider said stands in restock.notification: it may name the address.
-- Grain:   one row a message.
create or replace view mart.dead_message as
select
    n.notification_id,
    n.channel,
    n.store_id,
    n.status_at as dead_since,
    n.attempt_count,
    a.outcome as last_outcome,
    restock.hide_address(a.provider_code, z.salt) as provider_code
from restock.notification as n
left join
    restock.delivery_attempt as a
    on n.notification_key = a.notification_key and n.attempt_count = a.attempt_number
cross join restock.mart_salt as z
where n.status = 'dead';
comment on view mart.dead_message is 'One message that was given up.';
comment on column mart.dead_message.notification_id is 'Message.';
comment on column mart.dead_message.channel is 'Channel.';
comment on column mart.dead_message.store_id is 'Store.';
comment on column mart.dead_message.dead_since is 'When it was given up.';
comment on column mart.dead_message.attempt_count is 'Attempts made.';
comment on column mart.dead_message.last_outcome is
'How the last attempt ended: permanent, retryable (the limit of tries was reached) or in_doubt (the provider may have'
' it).';
comment on column mart.dead_message.provider_code is 'Code of the provider''s last answer.';
