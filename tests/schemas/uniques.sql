-- Uniques that leave little room or that compare otherwise than by bytes.

CREATE EXTENSION IF NOT EXISTS citext;
CREATE TYPE weekday AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');

CREATE TABLE rooms (
    id smallint PRIMARY KEY,
    name char(6) NOT NULL UNIQUE,
    floor smallint NOT NULL CHECK (floor BETWEEN 0 AND 99)
);

CREATE TABLE slots (
    -- 7 x 24 x rooms
    room_id smallint NOT NULL REFERENCES rooms,
    day weekday NOT NULL,
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    label text,
    PRIMARY KEY (room_id, day, hour)
);

CREATE TABLE tags (
    id serial PRIMARY KEY,
    name citext NOT NULL UNIQUE CHECK (length(name) <= 12),
    price numeric(6, 2) NOT NULL UNIQUE,
    ratio numeric(7, 4) UNIQUE,
    hex varchar(6) NOT NULL CHECK (hex ~* '^[0-9a-f]{6}$')
);
CREATE UNIQUE INDEX tags_hex ON tags (upper(hex));

CREATE TABLE accounts (
    id int PRIMARY KEY,
    org_id int NOT NULL CHECK (org_id BETWEEN 1 AND 50),
    username varchar(30) NOT NULL,
    email text,
    phone text,
    is_primary boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    parent_id int REFERENCES accounts,
    created_on date NOT NULL,
    CONSTRAINT phone_form CHECK (phone ~ '^[0-9]{3}-[0-9]{4}$')
);
CREATE UNIQUE INDEX accounts_live_username ON accounts (org_id, lower(username)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX accounts_one_primary ON accounts (org_id) WHERE is_primary;
CREATE UNIQUE INDEX accounts_email ON accounts (lower(btrim(email)));
CREATE UNIQUE INDEX accounts_digits ON accounts (replace(phone, '-', ''));
CREATE UNIQUE INDEX accounts_sibling ON accounts (COALESCE(parent_id, 0), username, created_on);

CREATE TABLE optional_pairs (
    id int PRIMARY KEY,
    a int CHECK (a BETWEEN 1 AND 400),
    b int CHECK (b BETWEEN 1 AND 400),
    c int,
    UNIQUE (a, b),
    CONSTRAINT nulls_too UNIQUE NULLS NOT DISTINCT (b, c)
);

CREATE TABLE one_to_one (
    account_id int PRIMARY KEY REFERENCES accounts,
    second_id int UNIQUE REFERENCES accounts,
    third_id int NOT NULL UNIQUE REFERENCES accounts,
    CHECK (second_id <> account_id)
);

CREATE TABLE small_days (
    day date NOT NULL,
    half boolean NOT NULL,
    who smallint NOT NULL CHECK (who BETWEEN 1 AND 3),
    CONSTRAINT small_days_key UNIQUE (day, half, who),
    CHECK (day >= '2024-01-01' AND day < '2026-01-01')
);

CREATE TABLE ordered_list (
    list_id int NOT NULL,
    position int NOT NULL CHECK (position >= 0),
    title text NOT NULL,
    CONSTRAINT ordered_list_position UNIQUE (list_id, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE network_keys (
    mac macaddr PRIMARY KEY,
    ip inet NOT NULL UNIQUE,
    net cidr UNIQUE,
    uid uuid NOT NULL UNIQUE,
    at timestamptz(0) NOT NULL UNIQUE,
    day date UNIQUE,
    bits bit(16) UNIQUE,
    raw bytea UNIQUE,
    word name UNIQUE,
    span int4range UNIQUE,
    list int[] UNIQUE,
    amount money UNIQUE,
    ratio real UNIQUE,
    flag_and_no boolean,
    no smallint,
    doc jsonb UNIQUE,
    UNIQUE (flag_and_no, no)
);

CREATE TABLE single_row (
    -- The usual trick for a table with one row at most, here with two.
    id boolean PRIMARY KEY,
    title text NOT NULL
);
