-- Purpose: mart.funnel_daily, how far the requests of each day have come by now. A request counts at each step up to
--          the furthest that it reached, so no step can be larger than the one before.
-- Grain:   one row a day (UTC) and store.
create or replace view mart.funnel_daily as
select
    store_id,
    request_day,
    request_count,
    available_count,
    scheduled_count,
    sent_count,
    clicked_count,
    bought_count,
    bought_without_click_count
from restock.mart_funnel;
comment on view mart.funnel_daily is
'How far the requests of each day have come by now; a request counts at each step up to the furthest that it reached,'
' so each count is part of the one before. Grain: one day and store. Of mart.refreshed.';
comment on column mart.funnel_daily.store_id is 'Store.';
comment on column mart.funnel_daily.request_day is 'Day on which the shoppers asked, in UTC.';
comment on column mart.funnel_daily.request_count is 'Requests of that day.';
comment on column mart.funnel_daily.available_count is
'Those that a restock was decided for, or whose product is available now. One without a decision, as in a restock that'
' is held, counts only until the product sells out, so the count of a past day can shrink.';
comment on column mart.funnel_daily.scheduled_count is
'Those that were put into a message, also where the last look took them out again.';
comment on column mart.funnel_daily.sent_count is 'Those whose message was sent.';
comment on column mart.funnel_daily.clicked_count is
'Those whose shopper opened the product from the message, or bought it without a click that was seen.';
comment on column mart.funnel_daily.bought_count is
'Those with a purchase that the message is credited with (mart.attribution).';
comment on column mart.funnel_daily.bought_without_click_count is
'Those of them without a click; clicked_count less this is the number of requests with a click.';
