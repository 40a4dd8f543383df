-- The calls to the ERP that each worker may have in flight.

ALTER TABLE sync_workers
    -- Calls that its jobs in hand still have to make.
    ADD COLUMN wanted_calls bigint,
    -- The most it may have in flight. Null for a build that knows no leases, which takes an equal part
    -- of the fleet's.
    ADD COLUMN held_calls bigint;
