-- Three schemas with tables and types of the same names, and foreign keys across them.

CREATE SCHEMA hr;
CREATE SCHEMA sales;
CREATE SCHEMA warehouse;

CREATE TYPE hr.status AS ENUM ('active', 'on leave', 'left');
CREATE TYPE sales.status AS ENUM ('open', 'won', 'lost');
CREATE DOMAIN hr.code AS char(3) CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN warehouse.code AS integer CHECK (VALUE > 0);
CREATE SEQUENCE sales.document_numbers AS bigint START WITH 500000;

CREATE TABLE hr.countries (
    iso2 char(2) PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE TABLE hr.departments (
    code hr.code PRIMARY KEY,
    name text NOT NULL,
    parent hr.code REFERENCES hr.departments
);
CREATE TABLE hr.people (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    department hr.code NOT NULL REFERENCES hr.departments,
    status hr.status NOT NULL,
    name text NOT NULL,
    job_title text,
    left_on date,
    country char(2) REFERENCES hr.countries,
    CHECK ((status = 'left') = (left_on IS NOT NULL))
);
CREATE TABLE sales.people (
    id bigint PRIMARY KEY DEFAULT nextval('sales.document_numbers'),
    hr_id int NOT NULL UNIQUE REFERENCES hr.people (id),
    quota numeric(12, 2) NOT NULL CHECK (quota > 0),
    region text NOT NULL
);
CREATE TABLE sales.items (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    list_price numeric(10, 2) NOT NULL
);
CREATE TABLE warehouse.items (
    id warehouse.code PRIMARY KEY,
    sales_item bigint NOT NULL REFERENCES sales.items,
    gtin varchar(14) UNIQUE CHECK (gtin ~ '^\d{8}(\d{4,6})?$'),
    weight_kg real CHECK (weight_kg > 0),
    hazardous boolean NOT NULL DEFAULT false,
    un_number char(4),
    CHECK (NOT hazardous OR un_number IS NOT NULL)
);
CREATE TABLE sales.deals (
    number bigint PRIMARY KEY DEFAULT nextval('sales.document_numbers'),
    seller bigint NOT NULL REFERENCES sales.people,
    customer text NOT NULL,
    country char(2) NOT NULL REFERENCES hr.countries,
    status sales.status NOT NULL DEFAULT 'open',
    probability numeric(3, 2) NOT NULL CHECK (probability >= 0 AND probability <= 1),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT open_or_closed CHECK (status = 'open' AND closed_at IS NULL OR status IN ('won', 'lost') AND closed_at > opened_at),
    CONSTRAINT certain_when_closed CHECK (CASE WHEN status = 'won' THEN probability = 1 WHEN status = 'lost' THEN probability = 0 ELSE true END)
);
CREATE TABLE sales.deal_items (
    deal bigint NOT NULL REFERENCES sales.deals ON DELETE CASCADE,
    item bigint NOT NULL REFERENCES sales.items,
    pieces int NOT NULL CHECK (pieces > 0),
    PRIMARY KEY (deal, item)
);
CREATE TABLE warehouse.bins (
    aisle smallint NOT NULL CHECK (aisle BETWEEN 1 AND 40),
    shelf char(1) NOT NULL CHECK (shelf BETWEEN 'A' AND 'H'),
    item warehouse.code REFERENCES warehouse.items,
    pieces int NOT NULL DEFAULT 0,
    keeper int REFERENCES hr.people,
    PRIMARY KEY (aisle, shelf),
    CHECK (pieces >= 0 AND (item IS NOT NULL OR pieces = 0))
);
CREATE VIEW sales.open_deals AS SELECT * FROM sales.deals WHERE status = 'open';
CREATE MATERIALIZED VIEW warehouse.stock AS SELECT item, sum(pieces) AS pieces FROM warehouse.bins GROUP BY item;
