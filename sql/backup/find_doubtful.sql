-- Purpose: the open requests that may have been answered after the backup, as far as the list can say: with a list
--          those of everybody who got a message of which it does not name the requests (one that waited in the backup
--          may have taken items since), without one those of everybody. Confirmations answer nothing.
-- Binds:   has_list, restored_at.
-- Needs:   listed_message, told_request, doubtful_request.
with reached as (
    select distinct lower(l.recipient) as recipient
    from listed_message as l
    where
        l.confirmation_number is null
        and not exists (
            select 1
            from listed_message as e
            where e.message_id = l.message_id and e.request_id is not null
        )
)

insert into doubtful_request (request_key)
select r.request_key
from restock.open_request as o
inner join restock.request as r on o.request_key = r.request_key
left join restock.customer as c on r.user_id = c.user_id
where
    r.requested_at <= %(restored_at)s
    and not exists (
        select 1
        from told_request as t
        where t.request_key = r.request_key
    )
    and (
        not %(has_list)s
        or lower(restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url)) in (
            select u.recipient
            from reached as u
        )
    )
