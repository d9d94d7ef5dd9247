-- Purpose: mart.product_demand, what shoppers wait for, and what that is worth.
-- Grain:   one row a product and store that somebody waits for, or waited for until the request expired.
create or replace view mart.product_demand as
select
    d.store_id,
    d.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    p.price,
    p.currency,
    d.waiting_requests,
    d.waiting_shoppers,
    d.waiting_units,
    d.oldest_requested_at,
    round((extract(epoch from now() - d.median_requested_at) / 86400)::numeric, 2) as median_wait_days,
    d.expired_requests,
    d.expired_units,
    round(d.waiting_units * p.price * d.conversion, 2) as revenue_at_stake,
    round(d.waiting_units * p.price * restock.wilson_bound(d.conversion, d.measured_messages + 40, -1), 2)
        as revenue_low,
    round(d.waiting_units * p.price * restock.wilson_bound(d.conversion, d.measured_messages + 40, 1), 2)
        as revenue_high,
    coalesce(a.quantity, 0) as available_quantity,
    a.snapshot_at,
    d.waiting_units * p.price as revenue_if_all_buy,
    d.conversion,
    d.measured_messages
from restock.mart_demand as d
left join restock.product as p on d.store_id = p.store_id and d.product_id = p.product_id
left join restock.availability as a on d.store_id = a.store_id and d.product_id = a.product_id;
comment on view mart.product_demand is
'What shoppers wait for, and what that is worth: waiting units x price x conversion. The conversion is the share of'
' messages that a purchase follows within 72 hours, as waves by evidence reckon it (the mean of a Beta posterior: the'
' product''s own messages, and with the weight of 40 messages its category, and with that of 40 more a general 0.05).'
' The range is the 95 per cent score interval (Wilson 1927) of that conversion, taken as measured on the messages of'
' the product and the 40. Grain: one product of one store that somebody waits for, or waited for until the request'
' expired. Of mart.refreshed; price and stock are of now.';
comment on column mart.product_demand.store_id is 'Store.';
comment on column mart.product_demand.product_id is 'Product.';
comment on column mart.product_demand.product_name is
'Name of the product; null where the catalogue does not have it.';
comment on column mart.product_demand.category is 'Category of the product.';
comment on column mart.product_demand.brand is 'Brand of the product.';
comment on column mart.product_demand.price is 'Price in currency.';
comment on column mart.product_demand.currency is 'ISO 4217 code.';
comment on column mart.product_demand.waiting_requests is 'Requests that wait for an answer.';
comment on column mart.product_demand.waiting_shoppers is 'Shoppers who made them.';
comment on column mart.product_demand.waiting_units is 'Units that they want.';
comment on column mart.product_demand.oldest_requested_at is 'When the oldest of them was made; null without any.';
comment on column mart.product_demand.median_wait_days is
'Half of them have waited for at least this many days; null without any.';
comment on column mart.product_demand.expired_requests is 'Requests that expired before they were answered, ever.';
comment on column mart.product_demand.expired_units is 'Units that those wanted.';
comment on column mart.product_demand.revenue_at_stake is
'What the waiting shoppers may be expected to buy for once they are told, in currency; null without a price.';
comment on column mart.product_demand.revenue_low is 'Lower end of its 95 per cent range.';
comment on column mart.product_demand.revenue_high is 'Upper end of its 95 per cent range.';
comment on column mart.product_demand.available_quantity is
'Units that can be sold now; 0 where no snapshot named the product.';
comment on column mart.product_demand.snapshot_at is
'When the stock was so; null where no snapshot named the product.';
comment on column mart.product_demand.revenue_if_all_buy is
'The most that it could be: every waiting unit at the price of now.';
comment on column mart.product_demand.conversion is 'Share of messages that lead to a purchase, as above.';
comment on column mart.product_demand.measured_messages is
'Messages about the product that it is measured on; with 0 it says what its category, or shops in general, do.';
