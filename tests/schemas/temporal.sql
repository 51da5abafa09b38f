-- PostgreSQL 18: keys over time (WITHOUT OVERLAPS, PERIOD), virtual generated columns, constraints that are declared
-- but not enforced, NOT NULL constraints with names, uuidv7().

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE properties (
    id int NOT NULL,
    valid daterange NOT NULL,
    address text NOT NULL,
    rent_cents int CONSTRAINT rent_is_known NOT NULL CHECK (rent_cents > 0),
    deposit_cents int GENERATED ALWAYS AS (rent_cents * 3) VIRTUAL,
    PRIMARY KEY (id, valid WITHOUT OVERLAPS)
);

CREATE TABLE tenants (
    id uuid DEFAULT uuidv7() PRIMARY KEY,
    given_name text NOT NULL,
    family_name text NOT NULL,
    full_name text GENERATED ALWAYS AS (given_name || ' ' || family_name),
    email text NOT NULL,
    email_domain text GENERATED ALWAYS AS (split_part(email, '@', 2)) VIRTUAL,
    CONSTRAINT believed CHECK (length(email) > 500) NOT ENFORCED,
    CONSTRAINT email_has_an_at CHECK (email LIKE '%_@_%')
);

CREATE TABLE leases (
    lease_no int NOT NULL,
    property_id int NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants,
    during daterange NOT NULL,
    CONSTRAINT leases_pk PRIMARY KEY (lease_no),
    -- Let to one tenant at a time.
    CONSTRAINT leases_once UNIQUE (property_id, during WITHOUT OVERLAPS),
    -- And only while it exists.
    CONSTRAINT leases_property FOREIGN KEY (property_id, PERIOD during) REFERENCES properties (id, PERIOD valid)
);

CREATE TABLE viewings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lease_no int,
    tenant_id uuid NOT NULL,
    at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    minutes numeric GENERATED ALWAYS AS (round(extract(epoch FROM (ends_at - at)) / 60)) STORED,
    CONSTRAINT loose FOREIGN KEY (tenant_id) REFERENCES tenants NOT ENFORCED,
    FOREIGN KEY (lease_no) REFERENCES leases,
    CONSTRAINT ends_later CHECK (ends_at > at AND ends_at < at + '02:00:00'::interval)
);

CREATE TABLE price_history (
    sku text NOT NULL,
    during tstzrange NOT NULL,
    price numeric(8, 2) NOT NULL,
    CHECK (NOT isempty(during)),
    CONSTRAINT price_history_key UNIQUE (sku, during WITHOUT OVERLAPS)
);

CREATE TABLE old_orders (
    id int PRIMARY KEY,
    placed_on date NOT NULL,
    amount numeric(10, 2) NOT NULL
);
-- Not validated for what is there, but enforced for what comes.
ALTER TABLE old_orders ADD CONSTRAINT amount_is_positive CHECK (amount > 0) NOT VALID;
ALTER TABLE old_orders ADD COLUMN lease_no int;
ALTER TABLE old_orders ADD CONSTRAINT old_orders_lease FOREIGN KEY (lease_no) REFERENCES leases NOT VALID;
ALTER TABLE old_orders ADD CONSTRAINT placed_known CHECK (placed_on > '2015-01-01' AND placed_on < '2026-01-01') NOT VALID;

-- Spans that come from a parent while the rest of the key does not, and spans with gaps.
create table units (unit_id int, valid daterange, primary key (unit_id, valid without overlaps));
create table postings (
    person_id int,
    unit_id int,
    valid daterange not null,
    primary key (person_id, valid without overlaps),
    foreign key (unit_id, period valid) references units (unit_id, period valid)
);
create table parcels (parcel_id int, known tstzmultirange, primary key (parcel_id, known without overlaps));

-- Spans that Postgres makes of two numbers, for a column and for an index: none may end before it begins.
create table datings (
  dating_id serial primary key,
  younger int,
  older int,
  opened int not null,
  closed int not null,
  halves int not null,
  ages int4range generated always as (
    case when younger is null and older is null then null
    else int4range(coalesce(younger, older), coalesce(older, younger) + 1) end
  ) stored
);
create index on datings using gist (int4range(opened, closed));
create index on datings ((100 / halves));
create index on datings ((100 / (halves + 1)), (opened / closed), int4range(opened, closed + 1));
