-- The webhooks that came in, so that one that is sent again, by its provider or by whoever recorded it,
-- does nothing. A line is needed for as long as its signature is accepted, and kept for an hour.

create table webhook_deliveries (
  provider text not null,
  id text not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (provider, id)
);

create index webhook_deliveries_received on webhook_deliveries (received_at);
