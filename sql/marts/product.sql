-- Purpose: mart.product, the products: a dimension.
-- Grain:   one row a product and store of the catalogue.
create or replace view mart.product as
select
    p.store_id,
    p.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    p.parent_id,
    p.price,
    p.currency,
    a.quantity as available_quantity,
    a.snapshot_at
from restock.product as p
left join restock.availability as a on p.store_id = a.store_id and p.product_id = a.product_id;
comment on view mart.product is
'The products, as last described and counted. Grain: one product of one store of the catalogue.';
comment on column mart.product.store_id is 'Store.';
comment on column mart.product.product_id is 'Product, or variant where products have variants.';
comment on column mart.product.product_name is 'Name that shoppers read.';
comment on column mart.product.category is 'Category.';
comment on column mart.product.brand is 'Brand.';
comment on column mart.product.parent_id is 'The product that it is a variant of.';
comment on column mart.product.price is 'Price in currency.';
comment on column mart.product.currency is 'ISO 4217 code.';
comment on column mart.product.available_quantity is
'Units that can be sold now; null where no snapshot named the product.';
comment on column mart.product.snapshot_at is 'When the stock was so.';
