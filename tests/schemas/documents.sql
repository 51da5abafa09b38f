-- Documents from which Postgres computes columns that may not be NULL, and texts that indexes cast.

CREATE TYPE state AS ENUM ('CREATED', 'RUNNING', 'DONE');
CREATE FUNCTION moment(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN $1::timestamptz;
CREATE FUNCTION as_state(text) RETURNS state LANGUAGE sql IMMUTABLE RETURN $1::state;
CREATE FUNCTION lasting(text) RETURNS interval LANGUAGE sql IMMUTABLE RETURN $1::interval;

CREATE TABLE runs (
    key varchar(250) PRIMARY KEY,
    value jsonb NOT NULL,
    deleted boolean NOT NULL GENERATED ALWAYS AS ((value ->> 'deleted')::boolean) STORED,
    namespace varchar(150) NOT NULL GENERATED ALWAYS AS (value ->> 'namespace') STORED,
    current state NOT NULL GENERATED ALWAYS AS (as_state(value #>> '{state, current}')) STORED,
    millis bigint NOT NULL GENERATED ALWAYS AS (extract(milliseconds FROM lasting(value #>> '{state, duration}'))) STORED,
    started timestamptz NOT NULL GENERATED ALWAYS AS (moment(value -> 'state' ->> 'startDate')) STORED,
    attempts integer NOT NULL GENERATED ALWAYS AS ((value ->> 'attempts')::integer) STORED,
    ended timestamptz GENERATED ALWAYS AS (moment(value #>> '{state, endDate}')) STORED
);

CREATE TABLE builds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text NOT NULL,
    trace text NOT NULL,
    place text,
    settings jsonb NOT NULL CHECK (settings @> '{"version": 2}')
);
CREATE INDEX builds_by_number ON builds ((number::integer));
CREATE UNIQUE INDEX builds_by_trace ON builds ((trace::uuid));
CREATE INDEX builds_by_place ON builds ((place::numeric)) WHERE place IS NOT NULL;

-- Indexes over how long a list is: only lists have a length.
create table routes (
  route_id serial primary key,
  stops jsonb not null,
  spare json
);
create index routes_by_length on routes (jsonb_array_length(stops));
create index routes_by_spare on routes ((json_array_length(spare) > 2));

-- Texts that checks take for documents.
CREATE TABLE reports (
    id int PRIMARY KEY,
    query text NOT NULL CHECK (query::jsonb ->> 'type' IN ('native', 'query')),
    panels text NOT NULL CHECK (panels::jsonb ? 'panels' AND jsonb_typeof(panels::jsonb) = 'object'),
    steps text NOT NULL CHECK (jsonb_array_length(steps::jsonb) BETWEEN 1 AND 3),
    shape text NOT NULL CHECK (shape IN ('bar', 'line')),
    params text NOT NULL,
    CHECK (params::json ->> 'shape' = shape)
);
