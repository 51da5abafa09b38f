-- Every built-in type that a column can have, with and without modifiers, and arrays of them.

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'it''s "complicated"', 'très bien');
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");

CREATE TABLE numbers (
    id bigserial PRIMARY KEY,
    a_smallint smallint,
    an_integer integer,
    a_bigint bigint,
    a_smallserial smallserial,
    a_serial serial,
    a_numeric numeric,
    a_numeric_10_2 numeric(10, 2),
    a_numeric_38_10 numeric(38, 10),
    a_numeric_60_20 numeric(60, 20),
    a_numeric_5_minus2 numeric(5, -2),
    a_numeric_2_4 numeric(2, 4),
    a_real real,
    a_double double precision,
    a_float_10 float(10),
    a_money money,
    an_oid oid,
    a_boolean boolean
);

CREATE TABLE texts (
    id int PRIMARY KEY,
    a_text text,
    a_varchar varchar,
    a_varchar_1 varchar(1),
    a_varchar_255 character varying(255),
    a_char char,
    a_char_10 character(10),
    a_quoted_char "char",
    a_name name,
    a_c_text text COLLATE "C",
    a_bytea bytea,
    a_uuid uuid,
    a_json json,
    a_jsonb jsonb,
    a_jsonpath jsonpath,
    an_xml xml,
    a_tsvector tsvector,
    a_tsquery tsquery,
    a_mood mood,
    a_bit bit,
    a_bit_5 bit(5),
    a_varbit bit varying,
    a_varbit_12 bit varying(12)
);

CREATE TABLE times (
    id int PRIMARY KEY,
    a_date date,
    a_time time,
    a_time_3 time(3),
    a_timetz timetz,
    a_timetz_0 time(0) with time zone,
    a_timestamp timestamp,
    a_timestamp_0 timestamp(0),
    a_timestamptz timestamptz,
    a_timestamptz_3 timestamptz(3),
    an_interval interval,
    an_interval_2 interval(2),
    an_interval_y_m interval year to month,
    an_interval_d_s interval day to second(3),
    an_interval_h interval hour
);

CREATE TABLE network_and_geometry (
    id int PRIMARY KEY,
    an_inet inet,
    a_cidr cidr,
    a_macaddr macaddr,
    a_macaddr8 macaddr8,
    a_point point,
    a_line line,
    an_lseg lseg,
    a_box box,
    a_path path,
    a_polygon polygon,
    a_circle circle,
    a_pg_lsn pg_lsn,
    a_txid_snapshot txid_snapshot,
    a_pg_snapshot pg_snapshot,
    a_tid tid,
    an_xid xid,
    an_xid8 xid8,
    a_cid cid,
    a_regtype regtype,
    a_regclass regclass
);

CREATE TABLE ranges (
    id int PRIMARY KEY,
    an_int4range int4range,
    an_int8range int8range,
    a_numrange numrange,
    a_tsrange tsrange,
    a_tstzrange tstzrange,
    a_daterange daterange,
    an_int4multirange int4multirange,
    an_int8multirange int8multirange,
    a_nummultirange nummultirange,
    a_tsmultirange tsmultirange,
    a_tstzmultirange tstzmultirange,
    a_datemultirange datemultirange,
    a_text_range text_range,
    a_text_multirange text_multirange
);

CREATE TABLE arrays (
    id int PRIMARY KEY,
    ints integer[],
    bigints bigint[] NOT NULL,
    numerics numeric(6, 2)[],
    texts text[],
    varchars varchar(12)[],
    booleans boolean[],
    dates date[],
    stamps timestamptz[],
    uuids uuid[],
    moods mood[],
    jsonbs jsonb[],
    byteas bytea[],
    spans daterange[],
    points point[],
    grid integer[][],
    sized integer[3],
    addresses inet[]
);

CREATE TABLE composites (
    id int PRIMARY KEY,
    a_pair pair,
    pairs pair[],
    -- The row type of another table.
    a_number_row ranges
);
