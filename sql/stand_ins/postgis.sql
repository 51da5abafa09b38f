-- What schemas use of PostGIS, over WKT text. Good enough for defaults, checks and generated columns.
create cast ({s}.geometry as {s}.geography) without function as implicit;
create cast ({s}.geography as {s}.geometry) without function;
create function {s}.st_srid({s}.geometry) returns integer language sql immutable strict
    as $$ select coalesce(substring($1::text from '^SRID=(\d+);')::integer, 0) $$;
create function {s}.geometrytype({s}.geometry) returns text language sql immutable strict
    as $$ select upper(substring($1::text from '^(?:SRID=\d+;)?\s*([A-Za-z]+)')) $$;
create function {s}.st_geometrytype({s}.geometry) returns text language sql immutable strict
    as $$ select 'ST_' || initcap(substring($1::text from '^(?:SRID=\d+;)?\s*([A-Za-z]+)')) $$;
create function {s}.st_isvalid({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_isempty({s}.geometry) returns boolean language sql immutable strict
    as $$ select $1::text ~* 'EMPTY' $$;
create function {s}.st_issimple({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_ndims({s}.geometry) returns smallint language sql immutable strict as 'select 2::smallint';
create function {s}.st_coorddim({s}.geometry) returns smallint language sql immutable strict as 'select 2::smallint';
create function {s}.st_x({s}.geometry) returns double precision language sql immutable strict
    as $$ select substring($1::text from '\(\s*(-?[0-9.]+)')::double precision $$;
create function {s}.st_y({s}.geometry) returns double precision language sql immutable strict
    as $$ select substring($1::text from '\(\s*-?[0-9.]+\s+(-?[0-9.]+)')::double precision $$;
create function {s}.st_makepoint(double precision, double precision) returns {s}.geometry language sql immutable strict
    as $$ select ('POINT(' || $1 || ' ' || $2 || ')')::{s}.geometry $$;
create function {s}.st_point(double precision, double precision) returns {s}.geometry language sql immutable strict
    as $$ select ('POINT(' || $1 || ' ' || $2 || ')')::{s}.geometry $$;
create function {s}.st_setsrid({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as $$ select ('SRID=' || $2 || ';' || regexp_replace($1::text, '^SRID=\d+;', ''))::{s}.geometry $$;
create function {s}.st_transform({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as $$ select ('SRID=' || $2 || ';' || regexp_replace($1::text, '^SRID=\d+;', ''))::{s}.geometry $$;
create function {s}.st_geomfromtext(text) returns {s}.geometry language sql immutable strict
    as 'select $1::{s}.geometry';
create function {s}.st_geomfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as $$ select ('SRID=' || $2 || ';' || $1)::{s}.geometry $$;
create function {s}.st_astext({s}.geometry) returns text language sql immutable strict
    as $$ select regexp_replace($1::text, '^SRID=\d+;', '') $$;
create function {s}.st_area({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_length({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_npoints({s}.geometry) returns integer language sql immutable strict
    as $$ select regexp_count($1::text, ',')::integer + 1 $$;
