-- Purpose: where the list of what left is put, to be held against the warehouse.
create temporary table listed_message (
    message_id uuid not null,
    recipient text,
    request_id text,
    confirmation_number integer
) on commit drop;
create temporary table told_request (request_key bigint primary key) on commit drop;
create temporary table doubtful_request (request_key bigint primary key) on commit drop;
