-- A line of the ledger knows when its call was really sent: before that it waits for its turn, and costs
-- nothing whatever becomes of its worker. It keeps what was asked until its outcome is known, so that a call
-- that nobody waits for any more can be asked about; `looked_after_until` is the lease of who does so.

alter table charges
  add column sent_at timestamptz,
  add column request jsonb,
  add column looked_after_until timestamptz;

update charges set sent_at = created_at;
