-- Purpose: rules 1 and 2 in one place, for the pipeline and for previews.
-- Run by:  Alembic (0009_planning.py), inside one transaction.

create function restock.products_back(settings jsonb, clock timestamptz) returns table (
    store_id text,
    product_id text,
    quantity bigint,
    snapshot_at timestamptz,
    notify_per_unit numeric,
    wave_evidence jsonb,
    gate text,
    held_reason text
)
language sql stable
as $$
    with stock as materialized (
        select *
        from restock.stock_settings(settings)
    ),

    back as materialized (
        select s.*
        from stock as s
        where
            s.quantity >= s.min_quantity
            and not exists (
                select 1
                from restock.episode as e
                where e.store_id = s.store_id and e.product_id = s.product_id and e.closed_at is null
            )
            and not exists (
                select 1
                from restock.holding_gate as g
                where g.feed = 'inventory'
            )
    ),

    figures as (
        select
            (settings ->> 'max_restock_share')::numeric as max_share,
            (
                select count(*)
                from stock
            ) as known_count,
            count(*) as back_count
        from back
    ),

    evidence as (
        select
            w.store_id,
            w.product_id,
            w.notify_per_unit,
            w.evidence
        from (
            select
                array_agg(store_id) as store_ids,
                array_agg(product_id) as product_ids
            from back
            where notify_per_unit = 'auto'
        ) as a
        cross join restock.wave_size_by_evidence(a.store_ids, a.product_ids, clock) as w
    ),

    judged as (
        select
            b.*,
            f.*,
            case
                when f.known_count >= 1000 and f.back_count > f.known_count * f.max_share then 'restock_share'
                when b.snapshot_at < clock - make_interval(hours => b.max_snapshot_age_hours) then 'snapshot_age'
            end as gate
        from back as b
        cross join figures as f
    )

    select
        j.store_id,
        j.product_id,
        j.quantity,
        j.snapshot_at,
        case j.notify_per_unit when 'auto' then v.notify_per_unit else j.notify_per_unit::numeric end,
        v.evidence,
        j.gate,
        case j.gate
            when 'restock_share'
                then
                    concat(
                        j.back_count,
                        ' of ',
                        j.known_count,
                        ' products came back at once, more than the share of ',
                        trim_scale(j.max_share),
                        ' that restock_max_restock_share allows'
                    )
            when 'snapshot_age'
                then
                    concat(
                        'its stock was last counted on ',
                        to_char(j.snapshot_at at time zone 'UTC', 'FMDD FMMonth YYYY HH24:MI "UTC"'),
                        ', longer ago than the ',
                        j.max_snapshot_age_hours,
                        ' hours of restock_max_snapshot_age_hours'
                    )
        end
    from judged as j
    left join evidence as v on j.store_id = v.store_id and j.product_id = v.product_id
$$;
comment on function restock.products_back is
'Rules 1 and 2: each product and store that has enough units and no open episode; how many shoppers to tell for each'
' unit, and on what evidence; the gate that would hold its episode (restock_share, snapshot_age; null: none), and why.'
' None while a gate of the inventory feed holds. Takes restock.policy.settings with every setting.';
