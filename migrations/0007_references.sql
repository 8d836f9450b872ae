-- What refers to an asset, so that deleting one reads no whole table; and the drafts that still wait to be
-- delivered, so that a draft that nobody waits for can be told from them.

create index generation_slots_asset on generation_slots (asset_id) where asset_id is not null;
create index generation_feedback_asset on generation_feedback (asset_id) where asset_id is not null;
create index generation_feedback_preferred_over on generation_feedback (preferred_over_id)
  where preferred_over_id is not null;
create index generation_slots_draft on generation_slots ((draft ->> 'key'))
  where draft is not null and asset_id is null;
