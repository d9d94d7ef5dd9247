-- Purpose: try dead messages once more: their tries start anew. A message that the provider may have (in doubt, and
--          dropped) is only replayed when it is named.
-- Binds:   clock, channel (null for all), error (null for all; else how last_error must begin), notification_ids (null
--          for all), dead_by (only what was dead by then; null for all).
-- Note:    what has been dead for 199 days stays so: retention may take its requests from 200 days on.
-- Grain:   one row a message.
with replayed as (
    update restock.notification as n
    set
        status = 'failed',
        status_at = %(clock)s,
        forgiven_count = n.attempt_count
    where
        n.status = 'dead'
        and n.status_at > %(clock)s - interval '199 days'
        and (%(dead_by)s::timestamptz is null or n.status_at <= %(dead_by)s)
        and (%(channel)s::text is null or n.channel = %(channel)s)
        and (%(error)s::text is null or starts_with(n.last_error, %(error)s))
        and (%(notification_ids)s::uuid[] is null or n.notification_id = any(%(notification_ids)s::uuid[]))
        and (
            %(notification_ids)s::uuid[] is not null
            or not exists (
                select 1
                from restock.delivery_attempt as a
                where
                    a.notification_key = n.notification_key
                    and a.attempt_number = n.attempt_count
                    and a.outcome = 'in_doubt'
            )
        )
    returning n.notification_key, n.channel
)

insert into restock.outbox (notification_key, channel, due_at)
select
    notification_key,
    channel,
    %(clock)s
from replayed
order by notification_key
on conflict (notification_key) do nothing
returning notification_key
