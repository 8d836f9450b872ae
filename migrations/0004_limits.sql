-- Limits that hold for all processes together. A gate keeps the last starts of a provider's calls, so that
-- the next one can be given its time in one statement; a seat is one of a provider's calls under way; the
-- breaker counts failures in a row.

create table provider_gates (
  provider text primary key,
  starts timestamptz[] not null default '{}'
);

create table provider_seats (
  provider text not null,
  seat integer not null check (seat > 0),
  holder uuid,
  held_until timestamptz,
  primary key (provider, seat)
);

create table provider_breakers (
  provider text primary key,
  failures integer not null default 0,
  open_until timestamptz
);
