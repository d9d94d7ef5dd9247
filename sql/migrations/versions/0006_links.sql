-- Purpose: clicks on the links of messages, and requests that wait until the shopper confirms them.
-- Run by:  Alembic (0006_links.py), inside one transaction.

create table restock.click (
    click_id bigint generated always as identity primary key,
    notification_key bigint not null references restock.notification,
    store_id text not null,
    product_id text not null,
    clicked_at timestamptz not null default now()
);
create index click_notification on restock.click (notification_key);
comment on table restock.click is 'One visit of a shopper through the link of a product in a message.';
comment on column restock.click.click_id is 'Order of arrival.';
comment on column restock.click.notification_key is 'The message.';
comment on column restock.click.store_id is 'Store of the product.';
comment on column restock.click.product_id is 'The product whose page was opened.';
comment on column restock.click.clicked_at is 'When. Link scanners and HEAD requests are not counted.';
