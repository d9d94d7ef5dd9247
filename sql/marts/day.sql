-- Purpose: mart.day, the days: a dimension, so that days on which nothing happened can be shown as well.
-- Grain:   one row a day (UTC), from the first request to today.
create or replace view mart.day as
select
    d.moment::date as day,
    date_trunc('week', d.moment)::date as week_start,
    date_trunc('month', d.moment)::date as month_start,
    extract(isodow from d.moment)::integer as weekday,
    extract(isodow from d.moment) >= 6 as is_weekend
from generate_series(
    (
        select min(request_day)
        from restock.mart_funnel
    )::timestamp,
    (now() at time zone 'UTC')::date::timestamp,
    interval '1 day'
) as d (moment);
comment on view mart.day is 'The days (UTC) from the first request to today. Grain: one day.';
comment on column mart.day.day is 'Day.';
comment on column mart.day.week_start is 'Monday of its week.';
comment on column mart.day.month_start is 'First day of its month.';
comment on column mart.day.weekday is '1 for Monday to 7 for Sunday.';
comment on column mart.day.is_weekend is 'Saturday or Sunday.';
