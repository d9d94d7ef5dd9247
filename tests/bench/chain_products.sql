-- Purpose: made-up rows of the products feed.
-- Binds:   products (how many).
-- Grain:   one row a product: columns of the feed.
select
    'main' as store_id,
    'p' || n as product_id,
    'Product with a name number ' || n as name,
    'https://shop.example/p/' || n as url,
    'https://shop.example/i/' || n || '.jpg' as image_url,
    10 + mod(n, 200) || '.90' as price,
    'EUR' as currency,
    'c' || mod(n, 50) as category,
    'Brand ' || mod(n, 50) as brand
from generate_series(0::bigint, %(products)s - 1::bigint) as numbers (n)
