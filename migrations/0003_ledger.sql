-- The ledger as the record of paid calls: a line is committed before a call is sent (RESERVED, with what
-- it is expected to cost), gets the provider's id as soon as there is one, and ends SETTLED with what it
-- cost, RELEASED when it is known not to have cost anything, or UNKNOWN, which holds the amount until the
-- operator decides. `reserved` of a generation is what its calls still to be made may cost, at `image_price`
-- for each image.

alter table charges
  add column provider text not null default 'embedded',
  add column reserved numeric(14, 6) default 0,
  add column external_id text,
  add column note text,
  add column updated_at timestamptz not null default clock_timestamp();

create index charges_open on charges (generation_id, slot) where state = 'RESERVED';
create unique index charges_external on charges (provider, external_id) where external_id is not null;

alter table generations
  add column reserved numeric(14, 6) not null default 0,
  add column image_price numeric(14, 6) not null default 0;

create index generations_reserved on generations (workspace_id) where reserved > 0;

alter table workspaces add column daily_budget numeric(14, 6) check (daily_budget >= 0);
