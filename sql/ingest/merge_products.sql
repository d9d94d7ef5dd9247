-- Purpose: merge a products file: the last row of a product counts. A column that the file does not have leaves the
--          value as it is; an empty value in a column that it has clears it.
-- Binds:   feed_file_id, columns (those that the file has).
-- Needs:   incoming.
-- Grain:   one row of counts.
with last_row as (
    select distinct on (store_id, product_id)
        store_id,
        product_id,
        name,
        url,
        image_url,
        price,
        currency,
        category,
        brand,
        parent_id
    from incoming
    order by store_id asc, product_id asc, line_number desc
),

wanted as (
    select
        l.store_id,
        l.product_id,
        l.name,
        case when 'url' = any(%(columns)s) then l.url else k.url end as url,
        case when 'image_url' = any(%(columns)s) then l.image_url else k.image_url end as image_url,
        case when 'price' = any(%(columns)s) then l.price else k.price end as price,
        case when 'currency' = any(%(columns)s) then l.currency else k.currency end as currency,
        case when 'category' = any(%(columns)s) then l.category else k.category end as category,
        case when 'brand' = any(%(columns)s) then l.brand else k.brand end as brand,
        case when 'parent_id' = any(%(columns)s) then l.parent_id else k.parent_id end as parent_id
    from last_row as l
    left join restock.product as k on l.store_id = k.store_id and l.product_id = k.product_id
),

merged as (
    insert into restock.product as known (
        store_id,
        product_id,
        name,
        url,
        image_url,
        price,
        currency,
        category,
        brand,
        parent_id,
        feed_file_id
    )
    select
        store_id,
        product_id,
        name,
        url,
        image_url,
        price,
        currency,
        category,
        brand,
        parent_id,
        %(feed_file_id)s
    from wanted
    order by store_id, product_id
    on conflict (store_id, product_id) do update
        set
            name = excluded.name,
            url = excluded.url,
            image_url = excluded.image_url,
            price = excluded.price,
            currency = excluded.currency,
            category = excluded.category,
            brand = excluded.brand,
            parent_id = excluded.parent_id,
            feed_file_id = excluded.feed_file_id,
            updated_at = now()
        where (
            known.name,
            known.url,
            known.image_url,
            known.price,
            known.currency,
            known.category,
            known.brand,
            known.parent_id
        ) is distinct from (
            excluded.name,
            excluded.url,
            excluded.image_url,
            excluded.price,
            excluded.currency,
            excluded.category,
            excluded.brand,
            excluded.parent_id
        )
    returning 1
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        (
            select count(*)
            from last_row
        ) as distinct_count,
        (
            select count(*)
            from merged
        ) as loaded_count
)

select
    loaded_count as loaded,
    read_count - distinct_count as duplicate,
    distinct_count - loaded_count as unchanged
from counted
