-- Tables of kinds that a child's check lists, partitions whose foreign keys lead different ways, NULLs that are not
-- distinct under a foreign key, days that follow from a number of nights, and arrays of domains that have to be tested.

CREATE TABLE kinds (kind text PRIMARY KEY, label text NOT NULL);
CREATE TABLE species (name varchar(20) PRIMARY KEY REFERENCES kinds, legs smallint);
CREATE TABLE items (
    id int PRIMARY KEY,
    kind text NOT NULL REFERENCES kinds CHECK (kind IN ('book', 'toy', 'it''s')),
    other text REFERENCES kinds
);
CREATE TABLE animals (
    id int PRIMARY KEY,
    species varchar(20) NOT NULL REFERENCES species,
    CHECK (species = 'cat' OR species = 'dog')
);

CREATE TABLE photos (id uuid PRIMARY KEY);
CREATE TABLE places (id uuid PRIMARY KEY);
CREATE TABLE tag_kinds (kind text PRIMARY KEY);
CREATE TABLE tags (
    kind text NOT NULL REFERENCES tag_kinds,
    subject_id uuid NOT NULL,
    tag text NOT NULL,
    PRIMARY KEY (kind, subject_id, tag)
) PARTITION BY LIST (kind);
CREATE TABLE photo_tags PARTITION OF tags FOR VALUES IN ('photo');
ALTER TABLE photo_tags ADD FOREIGN KEY (subject_id) REFERENCES photos;
CREATE TABLE place_tags PARTITION OF tags FOR VALUES IN ('place', 'area');
ALTER TABLE place_tags ADD FOREIGN KEY (subject_id) REFERENCES places;
CREATE TABLE free_tags PARTITION OF tags FOR VALUES IN ('free');

CREATE TABLE grants (
    id int PRIMARY KEY,
    item_id int REFERENCES items,
    role text NOT NULL CHECK (role IN ('owner', 'reader', 'writer')),
    scope text,
    UNIQUE NULLS NOT DISTINCT (item_id, role, scope)
);
CREATE TABLE switches (
    item_id int REFERENCES items,
    on_ boolean,
    UNIQUE NULLS NOT DISTINCT (item_id, on_)
);

CREATE TABLE stays (
    id int PRIMARY KEY,
    comes_on date NOT NULL CHECK (extract(dow FROM comes_on) IN (5, 6)),
    leaves_on date NOT NULL,
    nights int NOT NULL CHECK (nights BETWEEN 1 AND 30),
    CHECK (nights = leaves_on - comes_on)
);
CREATE TABLE calls (
    id int PRIMARY KEY,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz,
    lasts interval CHECK (lasts > '0' AND lasts < '2 hours'),
    CHECK (lasts = ends_at - begins_at)
);

CREATE TYPE clock AS (hour smallint, minute smallint);
CREATE DOMAIN time_of_day AS clock CHECK ((VALUE).hour BETWEEN 0 AND 23 AND (VALUE).minute BETWEEN 0 AND 59);
CREATE DOMAIN palindrome AS text CHECK (VALUE = reverse(VALUE));
CREATE DOMAIN digit AS int CHECK (VALUE BETWEEN 0 AND 9);
CREATE TABLE arrays_of_domains (
    id int PRIMARY KEY,
    openings time_of_day[],
    words palindrome[],
    digits digit[] NOT NULL CHECK (cardinality(digits) BETWEEN 1 AND 3),
    grid digit[][]
);

-- Lists that are matrices, whatever they are declared as.
create table matrices (
    id integer primary key,
    grid integer[] not null check (array_dims(grid) = '[1:3][1:3]'),
    board smallint[] not null check (array_ndims(board) = 2 and array_length(board, 1) = 8 and array_length(board, 2) = 8),
    cube text[][][] check (array_length(cube, 3) <= 2 and array_lower(cube, 1) = 1)
);

-- Checks on the attributes of composite values, in domains over them and over lists of them.
create type amount as (value numeric(14,2), currency char(3));
create domain price as amount
    check ((value).value >= 0 and (value).currency in ('EUR', 'USD', 'GBP'));
create domain prices as price[] check (array_length(value, 1) >= 1);
create type postal as (street text, zip text, country char(2));
create domain german_address as postal check ((value).country = 'DE' and (value).zip ~ '^[0-9]{5}$');
create type stretch as (start_day date, end_day date);
create domain period as stretch
    check (value is null or ((value).start_day is not null and (value).end_day is not null
                             and (value).start_day <= (value).end_day));
create domain complete as amount check (value is not null);
create table offers (
    id integer primary key, price price not null, tiers prices, address german_address not null,
    valid period not null, extended period, deposit complete, check (extended is null or valid is not null)
);
