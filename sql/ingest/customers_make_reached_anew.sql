-- Purpose: make room for the shoppers of whom merge_customers.sql notes that they are reached anew.
-- Grain:   temporary table reached_anew: one row a shopper.
create temporary table reached_anew (user_id text not null) on commit drop
