-- Purpose: the provider has these messages: the attempts are recorded, the messages sent, and what they answer is
--          notified; and what leaves next is written down, as begin_departure.sql does it. One statement, because it is
--          made for every few messages.
-- Binds:   notification_keys, attempt_numbers, provider_codes, provider_messages, finished_at (arrays, in step),
--          request_keys, places (arrays, in step: what stood in the messages, and in which of them, from 1),
--          started_at, leased_by, departing (keys, of which there may be none), clock.
-- Grain:   one row where something leaves next: the keys of those that may.
with accepted as (
    select
        notification_key,
        attempt_number,
        provider_code,
        provider_message,
        finished_at
    from
        unnest(
            %(notification_keys)s::bigint[],
            %(attempt_numbers)s::smallint[],
            %(provider_codes)s::text[],
            %(provider_messages)s::text[],
            %(finished_at)s::timestamptz[]
        ) as a (notification_key, attempt_number, provider_code, provider_message, finished_at)
),

attempted as (
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_code, provider_message, started_at, finished_at, sender
    )
    select
        notification_key,
        attempt_number,
        'accepted',
        provider_code,
        provider_message,
        %(started_at)s,
        finished_at,
        %(leased_by)s
    from accepted
    -- Another task may have taken the attempt for lost meanwhile; what is known now replaces the doubt.
    on conflict (notification_key, attempt_number) do update
        set
            outcome = excluded.outcome,
            provider_code = excluded.provider_code,
            provider_message = excluded.provider_message,
            finished_at = excluded.finished_at,
            sender = excluded.sender
        where delivery_attempt.outcome = 'in_doubt'
),

sent as (
    update restock.notification
    set
        status = 'sent',
        status_at = a.finished_at,
        -- Another task may have taken the attempt for lost, and made a further one.
        attempt_count = greatest(notification.attempt_count, a.attempt_number),
        last_error = null
    from accepted as a
    where notification.notification_key = a.notification_key
    returning notification.notification_key
),

left_outbox as (
    delete from restock.outbox
    using accepted as a
    where outbox.notification_key = a.notification_key
),

-- By the keys of the requests, as they were read: by those of the messages each would be looked for in every partition.
answered as (
    select
        r.request_key,
        r.store_id,
        r.product_id,
        r.user_id,
        r.channel,
        (%(notification_keys)s::bigint[])[i.place] as notification_key,
        (%(finished_at)s::timestamptz[])[i.place] as finished_at
    from unnest(%(request_keys)s::bigint[], %(places)s::integer[]) as i (request_key, place)
    inner join restock.request as r on i.request_key = r.request_key
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select
        request_key,
        'notified',
        'sent',
        notification_key,
        finished_at
    from answered
    order by request_key
    -- A request that was withdrawn while its message was on the wire stays withdrawn; one that expired was told.
    on conflict (request_key) do update
        set
            status = excluded.status,
            reason = excluded.reason,
            notification_key = excluded.notification_key,
            closed_at = excluded.closed_at
        where request_outcome.status = 'expired'
),

no_longer_open as (
    delete from restock.open_request as o
    using answered as a
    where
        o.store_id = a.store_id
        and o.product_id = a.product_id
        and o.user_id = a.user_id
        and o.channel = a.channel
        and o.request_key = a.request_key
),

leaving as (
    select notification_key
    from restock.outbox
    where
        notification_key = any(%(departing)s::bigint[])
        and leased_by = %(leased_by)s
        and lease_until >= %(clock)s
    order by notification_key
    for update
),

departed as (
    insert into restock.departure (leased_by, notification_keys, begun_at)
    select
        %(leased_by)s,
        coalesce(array_agg(notification_key), '{}'),
        %(clock)s::timestamptz
    from leaving
    having cardinality(%(departing)s::bigint[]) > 0
    on conflict (leased_by) do update
        set
            notification_keys = excluded.notification_keys,
            begun_at = excluded.begun_at
    returning notification_keys
),

arrived as (
    delete from restock.departure
    where leased_by = %(leased_by)s and cardinality(%(departing)s::bigint[]) = 0
)

select notification_keys
from departed
