-- Purpose: mart.demand, what shoppers wait for now.
-- Grain:   one row a product and store with an open request.
create or replace view mart.demand as
select
    o.store_id,
    o.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    p.price,
    p.currency,
    a.snapshot_at,
    coalesce(a.quantity, 0) as available_quantity,
    count(*) as open_count,
    sum(r.quantity) as open_units,
    min(r.requested_at) as waiting_since
from restock.open_request as o
inner join restock.request as r on o.request_key = r.request_key
left join restock.product as p on o.store_id = p.store_id and o.product_id = p.product_id
left join restock.availability as a on o.store_id = a.store_id and o.product_id = a.product_id
group by
    o.store_id,
    o.product_id,
    p.name,
    p.category,
    p.brand,
    p.price,
    p.currency,
    a.quantity,
    a.snapshot_at;
comment on view mart.demand is 'What shoppers wait for now. Grain: one product of one store with an open request.';
comment on column mart.demand.store_id is 'Store.';
comment on column mart.demand.product_id is 'Product.';
comment on column mart.demand.product_name is 'Name of the product; null where the catalogue does not have it.';
comment on column mart.demand.category is 'Category of the product.';
comment on column mart.demand.brand is 'Brand of the product.';
comment on column mart.demand.price is 'Price in currency.';
comment on column mart.demand.currency is 'ISO 4217 code.';
comment on column mart.demand.available_quantity is
'Units that can be sold now; 0 where no snapshot named the product.';
comment on column mart.demand.snapshot_at is 'When the stock was so; null where no snapshot named the product.';
comment on column mart.demand.open_count is 'Requests that wait for an answer.';
comment on column mart.demand.open_units is 'Units that they want.';
comment on column mart.demand.waiting_since is 'When the first of them was made.';
