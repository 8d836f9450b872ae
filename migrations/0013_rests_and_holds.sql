-- Who finds a provider left alone can tell whether it is being tried just then, so that the end of the trial is
-- worth waiting for; and who was given its start before the provider asked to wait sees that when it has slept.
alter table provider_breakers add column trying boolean not null default false;
alter table provider_gates add column held_until timestamptz;
