-- Purpose: the messages that were given up for one reason.
-- Binds:   channel, outcome, provider_code (null where the provider gave none).
-- Grain:   one row a message: its id.
select n.notification_id
from restock.delivery_attempt as a
inner join restock.notification as n
    on a.notification_key = n.notification_key and a.attempt_number = n.attempt_count
where
    a.outcome = %(outcome)s
    and a.outcome <> 'accepted'
    and a.provider_code is not distinct from %(provider_code)s
    and n.channel = %(channel)s
    and n.status = 'dead'
order by n.notification_key
