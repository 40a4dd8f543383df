-- The calls to the ERP that each worker may have in flight.

-- Calls that its jobs in hand still have to make.
ALTER TABLE sync_workers ADD COLUMN wanted_calls INTEGER;
-- The most it may have in flight. Null for a build that knows no leases, which takes an equal part
-- of the fleet's.
ALTER TABLE sync_workers ADD COLUMN held_calls INTEGER;
