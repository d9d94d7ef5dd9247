-- Purpose: at what hour of the shoppers' own clocks the messages of the period were accepted.
-- Binds:   first_at, end_at.
-- Grain:   one row an hour of the day in which messages left.
select
    extract(hour from status_at at time zone timezone)::integer as local_hour,
    count(*) as sent_count
from mart.notification_fact
where status = 'sent' and status_at >= %(first_at)s and status_at < %(end_at)s
group by extract(hour from status_at at time zone timezone)::integer
