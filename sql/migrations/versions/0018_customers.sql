-- Purpose: load shoppers without looking up their file row by row, which took a quarter of their merge. That the file
--          is there holds by how the rows are made: it is recorded earlier in the transaction that writes them, and
--          nothing deletes it. The check what_names_a_file_or_request_finds_it looks every day.
-- Run by:  Alembic (0018_customers.py), inside one transaction. No row is read or written.
alter table restock.customer drop constraint customer_feed_file_id_fkey;
