-- Purpose:  the episodes, requests, policies and messages that planning and sending name are there.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with broken as (
    select concat('decision on request ', d.request_key, ' in episode ', d.episode_id) as what
    from restock.decision as d
    left join restock.episode as e on d.episode_id = e.episode_id
    left join restock.request as r on d.request_key = r.request_key
    left join restock.policy as p on d.policy_id = p.policy_id
    left join restock.notification as n on d.notification_key = n.notification_key
    where
        e.episode_id is null
        or r.request_key is null
        or p.policy_id is null
        or (d.notification_key is not null and n.notification_key is null)
    union all
    select concat('message ', n.notification_key) as what
    from restock.notification as n
    left join restock.episode as e on n.opening_episode_id = e.episode_id
    left join restock.request as r on n.opening_request_key = r.request_key
    left join restock.policy as p on n.policy_id = p.policy_id
    where
        e.episode_id is null
        or p.policy_id is null
        -- Requests are removed before the messages that they stood in.
        or (
            r.request_key is null
            and n.opening_request_key >= coalesce(
                (
                    select k.first_key
                    from restock.kept_from as k
                    where k.family = 'request'
                ),
                0
            )
        )
    union all
    select concat('outcome of request ', o.request_key) as what
    from restock.request_outcome as o
    left join restock.request as r on o.request_key = r.request_key
    left join restock.notification as n on o.notification_key = n.notification_key
    where r.request_key is null or (o.notification_key is not null and n.notification_key is null)
    union all
    select concat('attempt on message ', a.notification_key) as what
    from restock.delivery_attempt as a
    left join restock.notification as n on a.notification_key = n.notification_key
    where n.notification_key is null
    union all
    select concat('outbox row of message ', o.notification_key) as what
    from restock.outbox as o
    left join restock.notification as n on o.notification_key = n.notification_key
    where n.notification_key is null
    union all
    select concat('place of request ', k.request_key, ' in episode ', k.episode_id) as what
    from restock.candidate as k
    left join restock.episode as e on k.episode_id = e.episode_id
    left join restock.request as r on k.request_key = r.request_key
    where e.episode_id is null or r.request_key is null
)

select
    count(*) = 0 as is_valid,
    concat('rows such as the ', min(what), ' (', count(*), ' in all)') as debug_value
from broken
