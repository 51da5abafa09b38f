-- A carrier: cycles through nullable columns and through deferrable constraints, self references, MATCH FULL,
-- references in both directions between the same two tables.

CREATE TYPE leg_state AS ENUM ('planned', 'departed', 'arrived', 'lost');

CREATE TABLE hubs (
    code char(3) PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    name text NOT NULL,
    latitude numeric(8, 6) NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(9, 6) NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    parent_code char(3) REFERENCES hubs,
    head_driver_id int,
    UNIQUE (latitude, longitude),
    CHECK (parent_code <> code)
);

CREATE TABLE vehicles (
    plate varchar(10) PRIMARY KEY CHECK (plate ~ '^[A-Z]{1,3}-[A-Z]{1,2} [1-9][0-9]{0,3}$'),
    vin char(17) NOT NULL UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
    kind text NOT NULL CHECK (kind IN ('van', 'truck', 'trailer')),
    payload_kg int NOT NULL CHECK (payload_kg > 0),
    axles smallint NOT NULL,
    home_hub char(3) NOT NULL REFERENCES hubs (code),
    towed_by varchar(10) REFERENCES vehicles,
    registered_on date NOT NULL,
    next_inspection date NOT NULL,
    CONSTRAINT only_trailers_are_towed CHECK (towed_by IS NULL OR kind = 'trailer'),
    CONSTRAINT payload_fits_kind CHECK (CASE kind WHEN 'van' THEN payload_kg <= 1500 WHEN 'truck' THEN payload_kg <= 18000 ELSE payload_kg <= 30000 END),
    CONSTRAINT axles_fit CHECK (axles >= 2 AND (kind <> 'van' OR axles = 2) AND axles <= 5),
    CHECK (next_inspection > registered_on AND next_inspection <= registered_on + interval '30 years')
);

CREATE TABLE drivers (
    id serial PRIMARY KEY,
    hub_code char(3) NOT NULL REFERENCES hubs,
    name text NOT NULL,
    licence_classes char(2)[] NOT NULL CHECK (array_length(licence_classes, 1) BETWEEN 1 AND 4),
    usual_vehicle varchar(10) UNIQUE REFERENCES vehicles (plate) ON DELETE SET NULL,
    born_on date NOT NULL,
    licensed_on date NOT NULL,
    -- 18 years, counted as Postgres counts them.
    CHECK (licensed_on >= (born_on + '18 years'::interval)::date)
);
-- hubs -> drivers -> hubs: nullable.
ALTER TABLE hubs ADD FOREIGN KEY (head_driver_id) REFERENCES drivers (id) ON DELETE SET NULL;

CREATE TABLE routes (
    id bigint PRIMARY KEY,
    origin char(3) NOT NULL REFERENCES hubs,
    destination char(3) NOT NULL REFERENCES hubs,
    distance_km numeric(7, 1) NOT NULL CHECK (distance_km > 0),
    days_of_week smallint NOT NULL DEFAULT 127 CHECK (days_of_week > 0 AND days_of_week < 128),
    departs time NOT NULL,
    arrives time NOT NULL,
    UNIQUE (origin, destination, departs),
    CHECK (origin <> destination),
    CHECK (arrives > departs)
);

CREATE TABLE depots (
    id int PRIMARY KEY,
    name text NOT NULL UNIQUE,
    main_dock_id int NOT NULL
);
CREATE TABLE docks (
    id int PRIMARY KEY,
    depot_id int NOT NULL,
    label text NOT NULL,
    UNIQUE (depot_id, label),
    FOREIGN KEY (depot_id) REFERENCES depots DEFERRABLE INITIALLY IMMEDIATE
);
-- depots <-> docks: nothing is nullable, but both may be checked at commit.
ALTER TABLE depots ADD CONSTRAINT depots_main_dock FOREIGN KEY (main_dock_id) REFERENCES docks (id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE parties (
    id uuid PRIMARY KEY,
    kind char(1) NOT NULL CHECK (kind IN ('P', 'C')),
    name text NOT NULL,
    street text NOT NULL,
    postal_code varchar(9) NOT NULL,
    city text NOT NULL,
    country char(2) NOT NULL,
    UNIQUE (id, kind)
);
CREATE TABLE companies (
    party_id uuid PRIMARY KEY,
    kind char(1) NOT NULL DEFAULT 'C' CHECK (kind = 'C'),
    registration_no text NOT NULL UNIQUE,
    credit_limit money NOT NULL DEFAULT 0::money CHECK (credit_limit >= 0::money),
    FOREIGN KEY (party_id, kind) REFERENCES parties (id, kind)
);
CREATE TABLE people (
    party_id uuid PRIMARY KEY,
    kind char(1) NOT NULL DEFAULT 'P' CHECK (kind = 'P'),
    born_on date,
    employer_id uuid REFERENCES companies,
    FOREIGN KEY (party_id, kind) REFERENCES parties (id, kind)
);

CREATE TABLE shipments (
    tracking_no char(12) PRIMARY KEY CHECK (tracking_no ~ '^SB[0-9]{10}$'),
    sender_id uuid NOT NULL REFERENCES parties,
    recipient_id uuid NOT NULL REFERENCES parties,
    replaces char(12) UNIQUE REFERENCES shipments,
    weight_g int NOT NULL CHECK (weight_g BETWEEN 10 AND 31500),
    length_mm int NOT NULL CHECK (length_mm > 0),
    width_mm int NOT NULL CHECK (width_mm > 0),
    height_mm int NOT NULL CHECK (height_mm > 0),
    cash_on_delivery numeric(8, 2),
    insured_value numeric(10, 2) NOT NULL DEFAULT 0,
    accepted_at timestamptz NOT NULL,
    promised_on date NOT NULL,
    current_leg_id bigint,
    CHECK (sender_id <> recipient_id),
    CONSTRAINT longest_side_first CHECK (length_mm >= width_mm AND width_mm >= height_mm),
    CONSTRAINT girth CHECK (length_mm + 2 * (width_mm + height_mm) <= 3600),
    CONSTRAINT cod_is_insured CHECK (cash_on_delivery IS NULL OR (cash_on_delivery > 0 AND insured_value >= cash_on_delivery))
);

CREATE TABLE legs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tracking_no char(12) NOT NULL REFERENCES shipments ON DELETE CASCADE,
    seq smallint NOT NULL CHECK (seq >= 1),
    route_id bigint NOT NULL REFERENCES routes,
    plate varchar(10) NOT NULL REFERENCES vehicles,
    driver_id int REFERENCES drivers,
    state leg_state NOT NULL DEFAULT 'planned',
    departed_at timestamptz,
    arrived_at timestamptz,
    UNIQUE (tracking_no, seq),
    CONSTRAINT departed CHECK (state IN ('planned', 'lost') OR departed_at IS NOT NULL),
    CONSTRAINT arrived CHECK ((state = 'arrived') = (arrived_at IS NOT NULL)),
    CHECK (arrived_at > departed_at)
);
-- shipments -> legs -> shipments: nullable, and deferrable as well.
ALTER TABLE shipments ADD FOREIGN KEY (current_leg_id) REFERENCES legs (id) ON DELETE SET NULL DEFERRABLE;

CREATE TABLE time_slots (
    depot_id int NOT NULL,
    dock_label text NOT NULL,
    slot_no smallint NOT NULL CHECK (slot_no BETWEEN 0 AND 47),
    on_day date NOT NULL,
    carrier_id uuid,
    carrier_kind char(1) CHECK (carrier_kind = 'C'),
    PRIMARY KEY (depot_id, dock_label, on_day, slot_no),
    FOREIGN KEY (depot_id, dock_label) REFERENCES docks (depot_id, label),
    -- Both or neither.
    FOREIGN KEY (carrier_id, carrier_kind) REFERENCES parties (id, kind) MATCH FULL
);
