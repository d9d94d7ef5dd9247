-- Purpose: the summary behind mart.product_demand. The conversion is that of waves by evidence, so that both say the
--          same.
-- Binds:   clock.
-- Grain:   one row a product and store that somebody waits for, or waited for until the request expired.
insert into restock.mart_demand (
    store_id,
    product_id,
    waiting_requests,
    waiting_shoppers,
    waiting_units,
    oldest_requested_at,
    median_requested_at,
    expired_requests,
    expired_units,
    measured_messages,
    conversion
)
with waiting as (
    select
        r.store_id,
        r.product_id,
        count(*) as request_count,
        count(distinct r.user_id) as shopper_count,
        sum(r.quantity) as unit_count,
        min(r.requested_at) as oldest_requested_at,
        percentile_disc(0.5) within group (order by r.requested_at) as median_requested_at
    from restock.open_request as o
    inner join restock.request as r on o.request_key = r.request_key
    group by r.store_id, r.product_id
),

expired as (
    select
        store_id,
        product_id,
        sum(expired_requests) as request_count,
        sum(expired_units) as unit_count
    from (
        select
            r.store_id,
            r.product_id,
            count(*) as expired_requests,
            sum(r.quantity) as expired_units
        from restock.request_outcome as o
        inner join restock.request as r on o.request_key = r.request_key
        where o.status = 'expired'
        group by r.store_id, r.product_id
        union all
        select
            store_id,
            product_id,
            expired_requests,
            expired_units
        from restock.removed_demand
    ) as ended
    group by store_id, product_id
),

product as (
    select
        coalesce(w.store_id, x.store_id) as store_id,
        coalesce(w.product_id, x.product_id) as product_id,
        coalesce(w.request_count, 0) as waiting_requests,
        coalesce(w.shopper_count, 0) as waiting_shoppers,
        coalesce(w.unit_count, 0) as waiting_units,
        w.oldest_requested_at,
        w.median_requested_at,
        coalesce(x.request_count, 0) as expired_requests,
        coalesce(x.unit_count, 0) as expired_units
    from waiting as w
    full outer join expired as x on w.store_id = x.store_id and w.product_id = x.product_id
),

evidence as materialized (
    select
        v.store_id,
        v.product_id,
        v.evidence
    from (
        select
            array_agg(store_id) as store_ids,
            array_agg(product_id) as product_ids
        from product
    ) as a
    cross join lateral restock.wave_size_by_evidence(a.store_ids, a.product_ids, %(clock)s) as v
)

select
    p.store_id,
    p.product_id,
    p.waiting_requests,
    p.waiting_shoppers,
    p.waiting_units,
    p.oldest_requested_at,
    p.median_requested_at,
    p.expired_requests,
    p.expired_units,
    (v.evidence ->> 'messages')::bigint as measured_messages,
    (v.evidence ->> 'conversion')::numeric as conversion
from product as p
inner join evidence as v on p.store_id = v.store_id and p.product_id = v.product_id
