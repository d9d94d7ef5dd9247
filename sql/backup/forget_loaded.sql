-- Purpose: it served its purpose: the health page and the metrics name what runs all the time only.
delete from restock.heartbeat
where name = 'restock_ingest found nothing to load'
