-- PostGIS columns, identifiers from uuid-ossp and hashes from pgcrypto, as a Supabase project has them.

CREATE SCHEMA IF NOT EXISTS extensions;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE places (
    id uuid DEFAULT extensions.uuid_generate_v4() PRIMARY KEY,
    name text NOT NULL,
    location geometry(Point, 4326) NOT NULL,
    geog geography(Point, 4326),
    outline geometry(Polygon, 4326),
    anything geometry,
    elevation_m double precision CHECK (elevation_m > -500 AND elevation_m < 9000)
);
CREATE INDEX places_location ON places USING gist (location);

CREATE TABLE tracks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place_id uuid NOT NULL REFERENCES places,
    line geometry(LineString, 4326),
    token text NOT NULL DEFAULT encode(extensions.gen_random_bytes(12), 'hex'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (token)
);

-- The spellings that PostGIS takes besides: shapes in quotes, heights and measures, curves, no SRID.
CREATE TABLE survey (
    id integer PRIMARY KEY,
    mark geometry('POINT', 2056) NOT NULL,
    peak "geometry"('pointz', 2056),
    path public.geometry(LineStringZM, 4326),
    unplaced geometry(Point, 0),
    unknown geometry(MultiPointM, -1),
    plot geography(Polygon),
    mixed geometry(GeometryCollectionZ, 4326),
    whatever geometry(Geometry, 3857),
    arc geometry(CircularString),
    curve geometry("CompoundCurve", 2056),
    rounded geometry(CurvePolygonZ),
    curves geometry(MultiCurve),
    surfaces geometry(MultiSurface),
    hull geometry(PolyhedralSurfaceZ),
    facet geometry(Triangle),
    mesh geometry('TINZ', 4326),
    extent box2d NOT NULL,
    room box3d,
    UNIQUE (mark)
);

-- As columns were declared before types had shapes and SRIDs; and what is made from a shape.
CREATE TABLE parcels (
    id integer PRIMARY KEY,
    geom geometry,
    axis geometry NOT NULL CHECK (ST_GeometryType(axis) = 'ST_LineString' AND ST_CoordDim(axis) = 3),
    either geometry NOT NULL CHECK (GeometryType(either) IN ('MULTIPOLYGON', 'POLYGON')),
    middle geometry GENERATED ALWAYS AS (ST_Centroid(geom)) STORED,
    CONSTRAINT enforce_dims_geom CHECK (ST_NDims(geom) = 2),
    CONSTRAINT enforce_geotype_geom CHECK (GeometryType(geom) = 'POLYGON' OR geom IS NULL),
    CONSTRAINT enforce_srid_geom CHECK (ST_SRID(geom) = 2193)
);
