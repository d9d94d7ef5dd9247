-- Purpose: the provider has the messages that a sender noted (note_part.sql): the attempts are recorded, the messages
--          sent, and what they answer is notified. What another settles at this moment is left to it.
-- Binds:   leased_by.
with noted as (
    delete from restock.acceptance
    where
        leased_by = %(leased_by)s
        and part_number in (
            select a.part_number
            from restock.acceptance as a
            where a.leased_by = %(leased_by)s
            for update skip locked
        )
    returning *
),

accepted as (
    select
        a.notification_key,
        a.attempt_number,
        a.provider_code,
        a.provider_message,
        a.finished_at,
        n.started_at
    from noted as n
    cross join
        unnest(n.notification_keys, n.attempt_numbers, n.provider_codes, n.provider_messages, n.finished_at)
            as a (notification_key, attempt_number, provider_code, provider_message, finished_at)
    order by a.notification_key
),

-- All are looked for at once: `on conflict` would look for each by itself, and insert it in two steps. Where somebody
-- commits the same row meanwhile, this fails, and is said again by who said it.
known_attempt as (
    select
        notification_key,
        attempt_number
    from restock.delivery_attempt
    where
        notification_key = any(array(
            select a.notification_key
            from accepted as a
        ))
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
        started_at,
        finished_at,
        %(leased_by)s
    from accepted
    where
        (notification_key, attempt_number) not in (
            select
                k.notification_key,
                k.attempt_number
            from known_attempt as k
        )
),

-- Another task may have taken the attempt for lost meanwhile; what is known now replaces the doubt.
undoubted as (
    update restock.delivery_attempt
    set
        outcome = 'accepted',
        provider_code = a.provider_code,
        provider_message = a.provider_message,
        finished_at = a.finished_at,
        sender = %(leased_by)s
    from known_attempt as k
    inner join accepted as a on k.notification_key = a.notification_key and k.attempt_number = a.attempt_number
    where
        delivery_attempt.notification_key = k.notification_key
        and delivery_attempt.attempt_number = k.attempt_number
        and delivery_attempt.outcome = 'in_doubt'
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
        i.notification_key,
        a.finished_at as answered_at
    from noted as n
    cross join unnest(n.request_keys, n.answering_keys) as i (request_key, notification_key)
    inner join accepted as a on i.notification_key = a.notification_key
    inner join restock.request as r on i.request_key = r.request_key
),

known_outcome as (
    select request_key
    from restock.request_outcome
    where
        request_key = any(array(
            select a.request_key
            from answered as a
        ))
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select
        request_key,
        'notified',
        'sent',
        notification_key,
        answered_at
    from answered
    where
        request_key not in (
            select k.request_key
            from known_outcome as k
        )
    order by request_key
),

-- A request that was withdrawn while its message was on the wire stays withdrawn; one that expired was told.
told_all_the_same as (
    update restock.request_outcome
    set
        status = 'notified',
        reason = 'sent',
        notification_key = a.notification_key,
        closed_at = a.answered_at
    from known_outcome as k
    inner join answered as a on k.request_key = a.request_key
    where request_outcome.request_key = k.request_key and request_outcome.status = 'expired'
),

arrived as (
    delete from restock.departure
    where leased_by = %(leased_by)s and notification_keys = '{}'
)

-- By its key, in which the requests of a batch stand side by side. Asked for one shopper's, the planner would take the
-- index on shoppers, which is smaller, and in which each request is on another page.
delete from restock.open_request as o
using answered as a
where
    o.store_id = a.store_id
    and o.product_id = a.product_id
    and o.user_id between a.user_id and a.user_id
    and o.channel = a.channel
    and o.request_key = a.request_key
