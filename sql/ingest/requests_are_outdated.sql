-- Purpose: whether another load wrote an id meanwhile that these requests were taken to be the first to have. Hardly
--          ever: it would have to be in two files that are loaded side by side.
-- Needs:   arriving.
-- Grain:   one row.
select
    exists (
        select 1
        from arriving as a
        inner join restock.request as r on a.request_id = r.request_id
    )
    or exists (
        select 1
        from arriving as a
        inner join restock.joined_request as j on a.request_id = j.request_id
    ) as are_outdated
