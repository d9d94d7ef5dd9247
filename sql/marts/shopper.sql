-- Purpose: mart.shopper, the shoppers without their addresses: a dimension.
-- Grain:   one row a shopper of the customers feed or of a request.
create or replace view mart.shopper as
select
    restock.hide_address(s.user_id, z.salt) as user_id,
    c.user_id is not null as is_customer,
    coalesce(c.tier, 0) as tier,
    c.locale,
    c.timezone,
    c.preferred_channel,
    c.consent
from (
    select user_id
    from restock.customer
    union
    select user_id
    from restock.request
) as s
left join restock.customer as c on s.user_id = c.user_id
cross join restock.mart_salt as z;
comment on view mart.shopper is
'The shoppers, without their addresses. Grain: one shopper of the customers feed or of a request.';
comment on column mart.shopper.user_id is
'What the shop calls the shopper; a hash where that is an address, the same in every mart.';
comment on column mart.shopper.is_customer is 'Whether the customers feed has the shopper.';
comment on column mart.shopper.tier is 'Rank of the shopper; 0 where it is not known.';
comment on column mart.shopper.locale is 'BCP 47 language tag.';
comment on column mart.shopper.timezone is 'IANA time zone.';
comment on column mart.shopper.preferred_channel is 'Channel of requests that name none.';
comment on column mart.shopper.consent is 'False once consent to be written to was withdrawn; null for no customer.';
