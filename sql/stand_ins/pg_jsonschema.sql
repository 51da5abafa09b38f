-- What documents have to look like is said in a language of its own: whether they do is not looked at here. The bodies
-- do more than return, so that nobody takes "true" for what the functions mean.
create function {s}.json_matches_schema(schema json, instance json) returns boolean language plpgsql immutable strict
    as $$ begin perform 1; return true; end $$;
create function {s}.jsonb_matches_schema(schema json, instance jsonb) returns boolean language plpgsql immutable strict
    as $$ begin perform 1; return true; end $$;
create function {s}.jsonschema_is_valid(schema json) returns boolean language plpgsql immutable strict
    as $$ begin perform 1; return true; end $$;
