-- What schemas use of PostGIS, over WKT text. Good enough for defaults, checks and generated columns.
create cast ({s}.geometry as {s}.geography) without function as implicit;
create cast ({s}.geography as {s}.geometry) without function;
create function {s}.geometry_of(point) returns {s}.geometry language sql immutable strict
    as $$ select ('POINT(' || $1[0] || ' ' || $1[1] || ')')::{s}.geometry $$;
create cast (point as {s}.geometry) with function {s}.geometry_of(point);
create function {s}.geometry_of(polygon) returns {s}.geometry language sql immutable strict
    as $$ select ('POLYGON' || translate(replace($1::text, '),(', '; '), ',;', ' ,'))::{s}.geometry $$;
create cast (polygon as {s}.geometry) with function {s}.geometry_of(polygon);
create function {s}.st_srid({s}.geometry) returns integer language sql immutable strict
    as $$ select coalesce(substring($1::text from '^SRID=(\d+);')::integer, 0) $$;
create function {s}.geometrytype({s}.geometry) returns text language sql immutable strict
    as $$ select upper(substring($1::text from '^(?:SRID=\d+;)?\s*([A-Za-z]+)')) $$;
create function {s}.st_geometrytype({s}.geometry) returns text language sql immutable strict as $$
    select 'ST_' || case {s}.geometrytype($1) when 'LINESTRING' then 'LineString' when 'MULTIPOINT' then 'MultiPoint'
        when 'MULTILINESTRING' then 'MultiLineString' when 'MULTIPOLYGON' then 'MultiPolygon'
        when 'GEOMETRYCOLLECTION' then 'GeometryCollection' else initcap({s}.geometrytype($1)) end
$$;
create function {s}.st_isvalid({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_isempty({s}.geometry) returns boolean language sql immutable strict
    as $$ select $1::text ~* 'EMPTY' $$;
create function {s}.st_issimple({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_ndims({s}.geometry) returns smallint language sql immutable strict as $$
    select coalesce(1 + length(substring($1::text from '\(+\s*(-?[0-9][^,()]*)'))
        - length(replace(substring($1::text from '\(+\s*(-?[0-9][^,()]*)'), ' ', '')), 2)::smallint
$$;
create function {s}.st_coorddim({s}.geometry) returns smallint language sql immutable strict as 'select {s}.st_ndims($1)';
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
create function {s}.st_astext({s}.geometry, integer) returns text language sql immutable strict
    as $$ select regexp_replace($1::text, '^SRID=\d+;', '') $$;
create function {s}.st_astext({s}.geometry) returns text language sql immutable strict
    as $$ select regexp_replace($1::text, '^SRID=\d+;', '') $$;
create function {s}.st_area({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_length({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_npoints({s}.geometry) returns integer language sql immutable strict
    as $$ select regexp_count($1::text, ',')::integer + 1 $$;
-- Shapes of shapes: the first corner, or the same again.
create function {s}.st_centroid({s}.geometry) returns {s}.geometry language sql immutable strict as $$
    select (coalesce(substring($1::text from '^SRID=\d+;'), '') || 'POINT'
        || case {s}.st_ndims($1) when 3 then ' Z' when 4 then ' ZM' else '' end
        || '(' || substring($1::text from '\(+\s*([^,()]*[0-9])') || ')')::{s}.geometry
$$;
create function {s}.st_pointonsurface({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_centroid($1)';
create function {s}.st_startpoint({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_centroid($1)';
create function {s}.st_endpoint({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_centroid($1)';
create function {s}.st_z({s}.geometry) returns double precision language sql immutable strict
    as $$ select substring($1::text from '\(\s*-?[0-9.]+\s+-?[0-9.]+\s+(-?[0-9.]+)')::double precision $$;
create function {s}.st_envelope({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_convexhull({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_makevalid({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_multi({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force2d({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force3d({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_simplify({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_simplifypreservetopology({s}.geometry, double precision) returns {s}.geometry
    language sql immutable strict as 'select $1';
create function {s}.st_snaptogrid({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_buffer({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_buffer({s}.geometry, double precision, text) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_buffer({s}.geometry, double precision, integer) returns {s}.geometry
    language sql immutable strict as 'select $1';
create function {s}.st_makeenvelope(double precision, double precision, double precision, double precision,
    integer default 0) returns {s}.geometry language sql immutable strict
    as $$ select ('SRID=' || $5 || ';POLYGON((' || $1 || ' ' || $2 || ', ' || $3 || ' ' || $2 || ', ' || $3 || ' ' || $4
        || ', ' || $1 || ' ' || $4 || ', ' || $1 || ' ' || $2 || '))')::{s}.geometry $$;
create function {s}.st_geogfromtext(text) returns {s}.geography language sql immutable strict
    as 'select $1::{s}.geography';
create function {s}.st_geomfromgeojson(text) returns {s}.geometry language sql immutable strict
    as $$ select 'POINT(0 0)'::{s}.geometry $$;
create function {s}.st_asgeojson({s}.geometry) returns text language sql immutable strict
    as $$ select '{"type": "Point", "coordinates": [0, 0]}' $$;
create function {s}.st_numgeometries({s}.geometry) returns integer language sql immutable strict as 'select 1';
create function {s}.st_numpoints({s}.geometry) returns integer language sql immutable strict
    as 'select {s}.st_npoints($1)';
create function {s}.st_isclosed({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_perimeter({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_distance({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_dwithin({s}.geometry, {s}.geometry, double precision) returns boolean
    language sql immutable strict as 'select true';
create function {s}.st_intersects({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_contains({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_within({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_covers({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_reverse({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_linemerge({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_exteriorring({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_boundary({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_makepolygon({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_removerepeatedpoints({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_union({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_intersection({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_difference({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_symdifference({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_collect({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_makeline({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_closestpoint({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_shortestline({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_snap({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_geometryn({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_pointn({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_centroid($1)';
create function {s}.st_expand({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_segmentize({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_lineinterpolatepoint({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_linesubstring({s}.geometry, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_xmin({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_x({s}.st_centroid($1))';
create function {s}.st_xmax({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_x({s}.st_centroid($1))';
create function {s}.st_ymin({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_y({s}.st_centroid($1))';
create function {s}.st_ymax({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_y({s}.st_centroid($1))';
create function {s}.st_m({s}.geometry) returns double precision language sql immutable strict
    as 'select 0::double precision';
create function {s}.st_3dlength({s}.geometry) returns double precision language sql immutable strict
    as 'select 0::double precision';
create function {s}.st_linelocatepoint({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 0::double precision';
create function {s}.st_overlaps({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_touches({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_equals({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_coveredby({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_pointfromtext(text) returns {s}.geometry language sql immutable strict
    as 'select $1::{s}.geometry';
create function {s}.st_linefromtext(text) returns {s}.geometry language sql immutable strict
    as 'select $1::{s}.geometry';
create function {s}.st_polygonfromtext(text) returns {s}.geometry language sql immutable strict
    as 'select $1::{s}.geometry';
create function {s}.st_geographyfromtext(text) returns {s}.geography language sql immutable strict
    as 'select $1::{s}.geography';
create function {s}.st_geomfromewkt(text) returns {s}.geometry language sql immutable strict
    as 'select $1::{s}.geometry';
create function {s}.st_pointfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
create function {s}.st_linefromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
create function {s}.st_polygonfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
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
-- The same of the earth's surface, with and without the spheroid.
create function {s}.st_length({s}.geography) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_length({s}.geography, boolean) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_area({s}.geography) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_area({s}.geography, boolean) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_perimeter({s}.geography) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_perimeter({s}.geography, boolean) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_distance({s}.geography, {s}.geography) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_distance({s}.geography, {s}.geography, boolean) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_dwithin({s}.geography, {s}.geography, double precision) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_dwithin({s}.geography, {s}.geography, double precision, boolean) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_intersects({s}.geography, {s}.geography) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_covers({s}.geography, {s}.geography) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_coveredby({s}.geography, {s}.geography) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_intersection({s}.geography, {s}.geography) returns {s}.geography language sql immutable strict
    as 'select $1';
create function {s}.st_buffer({s}.geography, double precision) returns {s}.geography language sql immutable strict
    as 'select $1';
create function {s}.st_buffer({s}.geography, double precision, integer) returns {s}.geography language sql immutable strict
    as 'select $1';
create function {s}.st_centroid({s}.geography) returns {s}.geography language sql immutable strict
    as 'select {s}.st_centroid($1::{s}.geometry)::{s}.geography';
create function {s}.st_envelope({s}.geography) returns {s}.geography language sql immutable strict as 'select $1';
create function {s}.st_astext({s}.geography) returns text language sql immutable strict
    as 'select {s}.st_astext($1::{s}.geometry)';
create function {s}.st_asgeojson({s}.geography) returns text language sql immutable strict
    as 'select {s}.st_asgeojson($1::{s}.geometry)';
create function {s}.st_srid({s}.geography) returns integer language sql immutable strict
    as 'select {s}.st_srid($1::{s}.geometry)';
create function {s}.st_segmentize({s}.geography, double precision) returns {s}.geography language sql immutable strict
    as 'select $1';
create function {s}.st_project({s}.geography, double precision, double precision) returns {s}.geography language sql immutable strict
    as 'select $1';
create function {s}.st_azimuth({s}.geography, {s}.geography) returns double precision language sql immutable strict
    as 'select 1::double precision';
-- What measures, compares and makes shapes otherwise.
create function {s}.st_length2d({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_area2d({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_perimeter2d({s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_azimuth({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_maxdistance({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_3ddistance({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_hausdorffdistance({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_frechetdistance({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_distancesphere({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_distance_sphere({s}.geometry, {s}.geometry) returns double precision language sql immutable strict
    as 'select 1::double precision';
create function {s}.st_zmin({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_z($1)';
create function {s}.st_zmax({s}.geometry) returns double precision language sql immutable strict
    as 'select {s}.st_z($1)';
create function {s}.st_crosses({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_disjoint({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_containsproperly({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_orderingequals({s}.geometry, {s}.geometry) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_relate({s}.geometry, {s}.geometry, text) returns boolean language sql immutable strict
    as 'select true';
create function {s}.st_isring({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_hasarc({s}.geometry) returns boolean language sql immutable strict as 'select true';
create function {s}.st_iscollection({s}.geometry) returns boolean language sql immutable strict
    as 'select {s}.geometrytype($1) ~ $$^(MULTI|GEOMETRYC)$$';
create function {s}.st_isvalidreason({s}.geometry) returns text language sql immutable strict
    as 'select $$Valid Geometry$$';
create function {s}.st_dimension({s}.geometry) returns integer language sql immutable strict
    as 'select case when {s}.geometrytype($1) ~ $$POINT$$ then 0 when {s}.geometrytype($1) ~ $$LINE|CURVE$$ then 1 else 2 end';
create function {s}.st_numinteriorrings({s}.geometry) returns integer language sql immutable strict as 'select 0';
create function {s}.st_nrings({s}.geometry) returns integer language sql immutable strict as 'select 1';
create function {s}.st_geohash({s}.geometry) returns text language sql immutable strict as 'select $$s00000000000$$';
create function {s}.st_geohash({s}.geometry, integer) returns text language sql immutable strict
    as 'select rpad($$s$$, $2, $$0$$)';
create function {s}.st_asewkt({s}.geometry) returns text language sql immutable strict as 'select $1::text';
create function {s}.st_askml({s}.geometry) returns text language sql immutable strict as 'select $$<Point/>$$';
create function {s}.st_asbinary({s}.geometry) returns bytea language sql immutable strict
    as 'select convert_to($1::text, $$UTF8$$)';
create function {s}.st_asewkb({s}.geometry) returns bytea language sql immutable strict
    as 'select convert_to($1::text, $$UTF8$$)';
create function {s}.st_asgeojson({s}.geometry, integer) returns text language sql immutable strict
    as 'select {s}.st_asgeojson($1)';
create function {s}.st_geomfromwkb(bytea) returns {s}.geometry language sql immutable strict
    as 'select convert_from($1, $$UTF8$$)::{s}.geometry';
create function {s}.st_geomfromwkb(bytea, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_setsrid({s}.st_geomfromwkb($1), $2)';
create function {s}.st_geomfromewkb(bytea) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromwkb($1)';
create function {s}.st_geometryfromtext(text) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1)';
create function {s}.st_geometryfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
create function {s}.st_mpolyfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
create function {s}.st_polyfromtext(text, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_geomfromtext($1, $2)';
create function {s}.st_makepoint(double precision, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select ($$POINT Z ($$ || $1 || $$ $$ || $2 || $$ $$ || $3 || $$)$$)::{s}.geometry';
create function {s}.st_point(double precision, double precision, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_setsrid({s}.st_point($1, $2), $3)';
create function {s}.st_makeenvelope(double precision, double precision, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_makeenvelope($1, $2, $3, $4, 0)';
create function {s}.st_tileenvelope(integer, integer, integer) returns {s}.geometry language sql immutable strict
    as 'select {s}.st_makeenvelope(0, 0, 1, 1, 3857)';
create function {s}.st_flipcoordinates({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_forcerhr({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_forcepolygoncw({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_forcepolygonccw({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_forcecollection({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_force_2d({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force_3d({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force3dz({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force3dm({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_force4d({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_curvetoline({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_linetocurve({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_polygonize({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_buildarea({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_unaryunion({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_union({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_node({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_normalize({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_cleangeometry({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_minimumboundingcircle({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_orientedenvelope({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_concavehull({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_collect({s}.geometry) returns {s}.geometry language sql immutable strict as 'select $1';
create function {s}.st_interiorringn({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_collectionextract({s}.geometry, integer) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_collectionextract({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_collectionhomogenize({s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_concavehull({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_translate({s}.geometry, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_scale({s}.geometry, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_rotate({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_simplify({s}.geometry, double precision, boolean) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_simplifyvw({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_reduceprecision({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_transform({s}.geometry, text) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_snaptogrid({s}.geometry, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_offsetcurve({s}.geometry, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_split({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_clipbybox2d({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_addpoint({s}.geometry, {s}.geometry) returns {s}.geometry language sql immutable strict
    as 'select $1';
create function {s}.st_lineextend({s}.geometry, double precision, double precision) returns {s}.geometry language sql immutable strict
    as 'select $1';
-- The parts of a shape, of which there is one.
create type {s}.geometry_dump as (path integer[], geom {s}.geometry);
create function {s}.st_dump({s}.geometry) returns setof {s}.geometry_dump language sql immutable strict
    as $$ select array[1], $1 $$;
create function {s}.st_dumppoints({s}.geometry) returns setof {s}.geometry_dump language sql immutable strict
    as $$ select array[1], {s}.st_centroid($1) $$;
create function {s}.st_dumprings({s}.geometry) returns setof {s}.geometry_dump language sql immutable strict
    as $$ select array[0], $1 $$;
create function {s}.st_dumpsegments({s}.geometry) returns setof {s}.geometry_dump language sql immutable strict
    as $$ select array[1], $1 $$;
create function {s}.st_subdivide({s}.geometry, integer default 256) returns setof {s}.geometry language sql immutable strict
    as 'select $1';
