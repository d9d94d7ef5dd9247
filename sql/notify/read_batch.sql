-- Purpose: what claimed messages say, and to whom; and rule 9, the last look: which of their items must not leave. What
--          is the same for all items of an episode is asked once an episode (read_batch_products.sql).
-- Binds:   notification_keys.
-- Grain:   one row an item of a message, in the order in which items were due; rule is null where it may leave, if its
--          product is not sold out.
with item as (
    select
        n.notification_key,
        n.notification_id::text as notification_id,
        n.attempt_count + 1 as attempt_number,
        n.forgiven_count,
        n.user_id,
        n.channel as message_channel,
        n.store_id as message_store_id,
        n.locale,
        n.timezone,
        n.due_at,
        n.created_at,
        n.opening_request_key,
        d.episode_id,
        d.request_key,
        d.scheduled_at,
        d.dropped_at,
        r.request_id,
        r.requested_at,
        r.product_id,
        r.store_id,
        r.channel,
        r.contact,
        -- What fell out is counted too: a number in a link means the same product in every attempt to send it. Numbered
        -- in the order of the result, so that the rows are sorted once, and while they are narrow.
        row_number() over (
            partition by n.due_at, n.notification_key
            order by d.scheduled_at, r.request_id
        ) as item_number
    from restock.notification as n
    inner join restock.decision as d on n.notification_key = d.notification_key
    inner join restock.request as r on d.request_key = r.request_key
    where
        n.notification_key = any(%(notification_keys)s::bigint[])
        and d.notification_key = any(%(notification_keys)s::bigint[])
)

select
    i.notification_key,
    i.notification_id,
    i.attempt_number,
    i.user_id,
    i.locale,
    restock.address_for(
        i.message_channel,
        case
            when i.request_key = i.opening_request_key then i.contact
            else (
                select opening.contact
                from restock.request as opening
                where opening.request_key = i.opening_request_key
            )
        end,
        c.email,
        c.phone,
        c.webhook_url
    ) as contact,
    i.request_id,
    i.requested_at,
    i.created_at,
    i.item_number,
    i.message_store_id as store_id,
    i.timezone,
    i.request_key,
    i.forgiven_count,
    i.episode_id,
    case
        when o.status in ('cancelled', 'expired', 'purchased', 'suppressed') then o.status
        -- answered by another message
        when o.status = 'notified' then 'cooldown'
        when
            coalesce(not c.consent, false)
            -- Hashed only where any address is suppressed so: a microsecond each.
            or (
                exists (
                    select 1
                    from restock.suppression
                )
                and exists (
                    select 1
                    from restock.suppression as s
                    where
                        s.channel = i.channel
                        and s.contact_hash = restock.hash_contact_with(
                            (
                                select k.inner_key
                                from restock.erasure_key as k
                            ),
                            (
                                select k.outer_key
                                from restock.erasure_key as k
                            ),
                            restock.address_for(i.channel, i.contact, c.email, c.phone, c.webhook_url)
                        )
                )
            )
            or (
                exists (
                    select 1
                    from restock.store_suppression
                )
                and exists (
                    select 1
                    from restock.store_suppression as s
                    where
                        s.channel = i.channel
                        and s.store_id = i.store_id
                        and s.contact_hash = restock.hash_contact_with(
                            (
                                select k.inner_key
                                from restock.erasure_key as k
                            ),
                            (
                                select k.outer_key
                                from restock.erasure_key as k
                            ),
                            restock.address_for(i.channel, i.contact, c.email, c.phone, c.webhook_url)
                        )
                )
            ) then 'suppressed'
        when
            exists (
                select 1
                from restock.purchase as b
                where
                    b.user_id = i.user_id
                    and b.store_id = i.store_id
                    and b.product_id = i.product_id
                    and b.ordered_at > i.requested_at
            ) then 'purchased'
        when restock.address_for(i.channel, i.contact, c.email, c.phone, c.webhook_url) is null then 'no_address'
    end as rule
from item as i
left join restock.customer as c on i.user_id = c.user_id
left join restock.request_outcome as o on i.request_key = o.request_key
where i.dropped_at is null
order by i.due_at, i.notification_key, i.scheduled_at, i.request_id
