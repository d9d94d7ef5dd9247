-- Purpose: let the requests that ask for what another one asks join it, and count. An address that is not that of the
--          request they join is noted there: addresses stand in no third table.
-- Binds:   feed_file_id.
-- Needs:   arriving, in which what joins is marked; the requests that lead are written.
-- Grain:   one row of counts.
with joining as materialized (
    select
        a.*,
        (
            select r.contact
            from restock.request as r
            where r.request_key = a.joins_key
        ) as leading_contact
    from arriving as a
    where a.joins_key is not null
),

joined as (
    insert into restock.joined_request (
        request_id,
        request_key,
        surface,
        locale,
        timezone,
        quantity,
        requested_at,
        feed_file_id
    )
    select
        request_id,
        joins_key,
        surface,
        locale,
        timezone,
        quantity,
        requested_at,
        coalesce(feed_file_id, %(feed_file_id)s)
    from joining
),

noted as (
    update restock.request as r
    set joined_contacts = coalesce(r.joined_contacts, '{}') || n.contacts
    from (
        select
            joins_key,
            jsonb_object_agg(request_id, contact) as contacts
        from joining
        where contact is distinct from leading_contact
        group by joins_key
    ) as n
    where r.request_key = n.joins_key
)

select
    count(*) filter (where joins_key is null) as loaded,
    count(joins_key) as duplicate
from arriving
where withdrawn_at is null and line_number is not null
