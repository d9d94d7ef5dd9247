-- Purpose: whether somebody watches over the pipeline, and none of the alerts that wake people stands.
-- Binds:   page_alerts, patience.
-- Grain:   one row.
select restock.is_pipeline_well(%(page_alerts)s::text[], %(patience)s)
