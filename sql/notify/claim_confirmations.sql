-- Purpose: claim the oldest due confirmation messages of a channel, and refuse those to addresses that bounced or
--          complained, and those that were tried too often or too late. Who only unsubscribed may want this one.
-- Binds:   clock, channel, batch_size, lease_until, leased_by, most_tries.
-- Grain:   one row a message that may leave; product_names has the products that the catalogue knows, in order of
--          asking. What it does not know is not named: strangers could write through us by it.
with due as (
    select
        c.confirmation_key,
        case
            when c.expires_at <= %(clock)s then 'expired'
            when c.attempt_count >= %(most_tries)s then coalesce(c.last_error, 'no sender came back to say how it went')
            when
                exists (
                    select 1
                    from restock.suppression as s
                    where
                        s.channel = c.channel
                        and s.contact_hash = restock.hash_contact_with(k.inner_key, k.outer_key, c.contact)
                        and s.reason <> 'unsubscribe'
                ) then 'the address must not be written to'
        end as refusal
    from restock.confirmation as c
    cross join restock.erasure_key as k
    where
        c.channel = %(channel)s
        and c.status = 'waiting'
        and c.due_at <= %(clock)s
        and (c.lease_until is null or c.lease_until < %(clock)s)
        and not exists (
            select 1
            from restock.restore as r
            where r.settled_at is null
        )
    order by c.due_at, c.confirmation_key
    limit %(batch_size)s
    for update of c skip locked
),

claimed as (
    update restock.confirmation as c
    set
        status = case when d.refusal is null then 'waiting' else 'refused' end,
        last_error = coalesce(d.refusal, c.last_error),
        attempt_count = c.attempt_count + 1,
        lease_until = case when d.refusal is null then %(lease_until)s::timestamptz end,
        leased_by = case when d.refusal is null then %(leased_by)s end
    from due as d
    where c.confirmation_key = d.confirmation_key
    returning
        c.confirmation_key,
        c.confirmation_id,
        c.contact,
        c.store_id,
        c.locale,
        c.asked_at,
        c.sent_count,
        c.attempt_count,
        c.status
),

named as (
    select
        u.confirmation_key,
        p.product_id,
        p.name,
        min(u.created_at) as asked_at
    from claimed as c
    inner join restock.unconfirmed_request as u on c.confirmation_key = u.confirmation_key
    inner join restock.product as p on c.store_id = p.store_id and u.product_id = p.product_id
    group by u.confirmation_key, p.product_id, p.name
)

select
    c.confirmation_key,
    c.confirmation_id,
    c.contact,
    c.store_id,
    c.locale,
    c.asked_at,
    c.sent_count,
    c.attempt_count,
    coalesce(array_agg(n.name order by n.asked_at, n.product_id) filter (where n.name is not null), '{}')
        as product_names
from claimed as c
left join named as n on c.confirmation_key = n.confirmation_key
where c.status = 'waiting'
group by
    c.confirmation_key,
    c.confirmation_id,
    c.contact,
    c.store_id,
    c.locale,
    c.asked_at,
    c.sent_count,
    c.attempt_count
order by c.confirmation_key
