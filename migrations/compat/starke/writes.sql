-- Rows of other origins go through to the old table; those of mega-sync are its own. In UTC, because an
-- old column may be without a time zone.
CREATE FUNCTION {compat}.{view}_write() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND {old_is_ours}) OR (TG_OP <> 'DELETE' AND {new_is_ours}) THEN
        RAISE EXCEPTION '{view}: written by mega-sync alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN
        DELETE FROM {legacy}.{view} WHERE id = OLD.id;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        UPDATE {legacy}.{view} SET ({columns}) = ROW ({new_columns}) WHERE id = OLD.id;
        RETURN NEW;
    END IF;
    NEW.id := COALESCE(NEW.id, nextval(pg_get_serial_sequence('{legacy}.{view}', 'id')));
    INSERT INTO {legacy}.{view} ({columns}) VALUES ({new_columns});
    RETURN NEW;
END $$;
CREATE TRIGGER {view}_write INSTEAD OF INSERT OR UPDATE OR DELETE ON {compat}.{view}
FOR EACH ROW EXECUTE FUNCTION {compat}.{view}_write();
