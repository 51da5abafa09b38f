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
-- The number under which a stand-in keeps a shape of so many dimensions and its SRID.
create function {s}.shape_number(varchar, integer, integer) returns integer language sql immutable strict as $$
    select 1 + greatest($3, 0) + 1000000 * coalesce(4 * (array_position(string_to_array(
        'geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection circularstring'
        || ' compoundcurve curvepolygon multicurve multisurface polyhedralsurface triangle tin', ' '),
        regexp_replace(lower($1), '(z|m|zm)$', '')) - 1)
        + case when lower($1) ~ '[a-z]m$' then 2 when $2 = 3 then 1 when $2 = 4 then 3 else 0 end, 0)
$$;
-- How columns were made before PostGIS 2: it adds the column.
create function {s}.addgeometrycolumn(varchar, varchar, varchar, integer, varchar, integer, boolean default true)
    returns text language plpgsql as $$
begin
    execute format('alter table %I.%I add column %I {s}.geometry(%s)', $1, $2, $3, {s}.shape_number($5, $6, $4));
    return $3;
end $$;
create function {s}.addgeometrycolumn(varchar, varchar, integer, varchar, integer, boolean default true)
    returns text language plpgsql as $$
begin
    execute format('alter table %I add column %I {s}.geometry(%s)', $1, $2, {s}.shape_number($4, $5, $3));
    return $2;
end $$;
