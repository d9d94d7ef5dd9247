-- Purpose: mart.episode_outcome, what each restock did for the shoppers who waited for it.
-- Grain:   one row an episode.
create or replace view mart.episode_outcome as
select
    e.episode_id,
    e.store_id,
    e.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    e.quantity,
    e.opened_at,
    e.closed_at,
    e.held_since,
    e.held_reason,
    e.policy_id,
    coalesce(d.asked_count, 0) as asked_count,
    coalesce(d.asked_units, 0) as asked_units,
    coalesce(d.told_count, 0) as told_count,
    coalesce(d.sent_count, 0) as sent_count,
    coalesce(d.held_back_count, 0) as held_back_count,
    coalesce(d.clicked_count, 0) as clicked_count,
    coalesce(d.bought_count, 0) as bought_count,
    coalesce(d.bought_units, 0) as bought_units,
    e.snapshot_at
from restock.episode as e
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
left join restock.mart_episode as d on e.episode_id = d.episode_id;
comment on view mart.episode_outcome is
'What each restock did for the shoppers who waited for it. Grain: one stretch of availability of a product in a store.'
' The counts are of mart.refreshed.';
comment on column mart.episode_outcome.episode_id is 'Restock.';
comment on column mart.episode_outcome.store_id is 'Store.';
comment on column mart.episode_outcome.product_id is 'Product.';
comment on column mart.episode_outcome.product_name is
'Name of the product; null where the catalogue does not have it.';
comment on column mart.episode_outcome.category is 'Category of the product.';
comment on column mart.episode_outcome.brand is 'Brand of the product.';
comment on column mart.episode_outcome.quantity is 'Units at the opening.';
comment on column mart.episode_outcome.opened_at is 'When the pipeline saw the product available.';
comment on column mart.episode_outcome.closed_at is 'When the pipeline saw it sold out; null while it is available.';
comment on column mart.episode_outcome.held_since is 'Since when a gate holds the restock back; null where none does.';
comment on column mart.episode_outcome.held_reason is 'Which gate holds it back, in words.';
comment on column mart.episode_outcome.policy_id is 'Version of the settings in force at the opening.';
comment on column mart.episode_outcome.asked_count is 'Requests that a decision was made for in this restock.';
comment on column mart.episode_outcome.asked_units is 'Units that they want.';
comment on column mart.episode_outcome.told_count is 'Requests among them that stand in a message, sent or not yet.';
comment on column mart.episode_outcome.sent_count is 'Requests among them whose message was sent.';
comment on column mart.episode_outcome.held_back_count is
'Requests among them that were not told in this restock: capped, skipped or held.';
comment on column mart.episode_outcome.clicked_count is
'Requests of sent_count whose shopper opened the product from the message, or bought it without a click that was seen.';
comment on column mart.episode_outcome.bought_count is
'Requests of sent_count with a purchase that the message is credited with (mart.attribution).';
comment on column mart.episode_outcome.bought_units is 'Units of those purchases.';
comment on column mart.episode_outcome.snapshot_at is
'When the stock was counted that showed it available; null where that was not kept.';
