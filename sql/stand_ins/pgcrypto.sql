-- What schemas use of pgcrypto: the shape of the results is right, the cryptography is not.
create function {s}.gen_random_uuid() returns uuid language sql as 'select pg_catalog.gen_random_uuid()';
create function {s}.gen_random_bytes(n integer) returns bytea language sql as
    $$ select substring(string_agg(uuid_send(gen_random_uuid()), ''::bytea) from 1 for n)
       from generate_series(0, least(n, 1024) / 16) $$;
create function {s}.digest(data text, kind text) returns bytea language sql immutable strict
    as $$ select sha256(convert_to($1, 'UTF8')) $$;
create function {s}.digest(data bytea, kind text) returns bytea language sql immutable strict as 'select sha256($1)';
create function {s}.hmac(data text, key text, kind text) returns bytea language sql immutable strict
    as $$ select sha256(convert_to($2 || $1, 'UTF8')) $$;
create function {s}.gen_salt(kind text) returns text language sql as $$ select '$2a$06$' || md5(random()::text) $$;
create function {s}.gen_salt(kind text, rounds integer) returns text language sql
    as $$ select '$2a$06$' || md5(random()::text) $$;
create function {s}.crypt(secret text, salt text) returns text language sql immutable strict
    as 'select $2 || md5($1)';
create function {s}.pgp_sym_encrypt(data text, key text) returns bytea language sql
    as $$ select convert_to($1, 'UTF8') $$;
create function {s}.pgp_sym_decrypt(data bytea, key text) returns text language sql immutable
    as $$ select convert_from($1, 'UTF8') $$;
