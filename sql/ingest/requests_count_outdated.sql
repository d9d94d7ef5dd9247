-- Purpose: of a file that was prepared while another was merging, find out whether that one wrote an id in the meantime
--          that must not be there twice. The key of request looks at most of it; what it cannot see are ids that are a
--          request of their own in the one file and join one in the other.
-- Binds:   is_ahead (whether it was prepared so: otherwise nothing is looked for).
-- Needs:   arriving, in which what joins is marked.
-- Grain:   one row.
select
    (
        select count(*)
        from arriving as a
        inner join restock.joined_request as j on a.request_id = j.request_id
        where %(is_ahead)s
    )
    + (
        select count(*)
        from arriving as a
        inner join restock.request as r on a.request_id = r.request_id
        where %(is_ahead)s and a.joins_key is not null
    ) as outdated
