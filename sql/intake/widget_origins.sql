-- Purpose: the web origins whose pages may ask the service at all.
-- Grain:   one row.
select restock.widget_origins() as origins
