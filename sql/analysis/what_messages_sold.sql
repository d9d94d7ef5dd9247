-- Purpose: what was bought after the messages, channel by channel?
-- Grain:   one row a channel, the one that sold most first.
-- Read it: of product_count products in messages that were sent, clicked_percent were opened from the message, and
--          bought_percent were bought within 72 hours after it; the orders brought amount. A purchase counts for the
--          last message about the product before it. Some would have bought anyway: effect_of_messages says how many
--          did because of the message.
select
    channel,
    count(*) as product_count,
    count(distinct notification_id) as message_count,
    round(100.0 * count(*) filter (where click_count > 0) / count(*), 1) as clicked_percent,
    round(100.0 * count(*) filter (where order_count > 0) / count(*), 1) as bought_percent,
    sum(order_count) as order_count,
    sum(unit_count) as unit_count,
    coalesce(sum(amount), 0) as amount
from mart.attribution
group by channel
order by amount desc, channel asc
