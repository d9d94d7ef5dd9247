-- Purpose: many messages were given up within an hour.
-- Binds:   clock, least (messages).
-- Grain:   one row a channel: subject, since, detail.
select
    n.channel as subject,
    min(n.status_at) as since,
    concat(
        count(*), ' messages of the channel ', n.channel, ' were given up within an hour; the last answer most often: ',
        mode() within group (order by a.provider_code)
    ) as detail
from restock.delivery_attempt as a
inner join restock.notification as n
    on a.notification_key = n.notification_key and a.attempt_number = n.attempt_count
where
    a.finished_at > %(clock)s - interval '1 hour'
    and a.outcome <> 'accepted'
    and n.status = 'dead'
group by n.channel
having count(*) >= %(least)s
