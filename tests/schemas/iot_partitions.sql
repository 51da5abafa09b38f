-- Measurements of devices: range, list and hash partitions, a default one, sub-partitions by another strategy,
-- and constraints that stand on single partitions only.

CREATE TABLE sites (
    id int PRIMARY KEY,
    region text NOT NULL CHECK (region IN ('emea', 'amer', 'apac')),
    name text NOT NULL,
    time_zone text NOT NULL DEFAULT 'UTC',
    UNIQUE (id, region)
);

CREATE TABLE devices (
    id bigint PRIMARY KEY,
    site_id int NOT NULL REFERENCES sites,
    serial varchar(16) NOT NULL UNIQUE CHECK (serial ~ '^[0-9A-F]{4}(-[0-9A-F]{4}){2}$'),
    mac macaddr NOT NULL UNIQUE,
    ip inet CHECK (family(ip) = 4),
    model text NOT NULL,
    installed_on date NOT NULL,
    retired_on date,
    attributes jsonb NOT NULL DEFAULT '{}'::jsonb,
    CHECK (retired_on IS NULL OR retired_on > installed_on)
);

CREATE TABLE readings (
    device_id bigint NOT NULL REFERENCES devices,
    taken_at timestamptz NOT NULL,
    metric text NOT NULL CHECK (metric IN ('temp', 'hum', 'co2', 'volt')),
    value double precision NOT NULL CHECK (value > '-273.15' AND value < 100000),
    quality smallint NOT NULL DEFAULT 100 CHECK (quality BETWEEN 0 AND 100),
    PRIMARY KEY (device_id, metric, taken_at)
) PARTITION BY RANGE (taken_at);
CREATE TABLE readings_2025_q1 PARTITION OF readings FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-04-01 00:00:00+00');
CREATE TABLE readings_2025_q2 PARTITION OF readings FOR VALUES FROM ('2025-04-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');
-- A hole where the third quarter would be.
CREATE TABLE readings_2025_q4 PARTITION OF readings FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');

-- List by region, and within one region by month, with a default.
CREATE TABLE alarms (
    id bigint GENERATED ALWAYS AS IDENTITY,
    region text NOT NULL,
    site_id int NOT NULL,
    raised_on date NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    cleared_on date,
    note text,
    PRIMARY KEY (id, region, raised_on),
    FOREIGN KEY (site_id, region) REFERENCES sites (id, region),
    CHECK (cleared_on >= raised_on)
) PARTITION BY LIST (region);
CREATE TABLE alarms_emea PARTITION OF alarms FOR VALUES IN ('emea') PARTITION BY RANGE (raised_on);
CREATE TABLE alarms_emea_2025_h1 PARTITION OF alarms_emea FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
CREATE TABLE alarms_emea_2025_h2 PARTITION OF alarms_emea FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
CREATE TABLE alarms_world PARTITION OF alarms FOR VALUES IN ('amer', 'apac') PARTITION BY HASH (id);
CREATE TABLE alarms_world_0 PARTITION OF alarms_world FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE alarms_world_1 PARTITION OF alarms_world FOR VALUES WITH (MODULUS 2, REMAINDER 1);

-- Hash over a uuid.
CREATE TABLE sessions (
    id uuid NOT NULL,
    device_id bigint NOT NULL REFERENCES devices,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    bytes_in bigint NOT NULL DEFAULT 0 CHECK (bytes_in >= 0),
    PRIMARY KEY (id)
) PARTITION BY HASH (id);
CREATE TABLE sessions_0 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE sessions_1 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE sessions_2 PARTITION OF sessions FOR VALUES WITH (MODULUS 3, REMAINDER 2);

-- A child of partitioned tables.
CREATE TABLE session_events (
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    seq int NOT NULL CHECK (seq > 0),
    payload jsonb,
    PRIMARY KEY (session_id, seq)
);

-- Only the partitions carry keys, foreign keys and checks; the root has none of them. With a default partition.
CREATE TABLE firmware_rollouts (
    rollout_id int NOT NULL,
    device_id bigint NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    progress smallint NOT NULL
) PARTITION BY LIST (channel);
CREATE TABLE firmware_rollouts_stable PARTITION OF firmware_rollouts (
    CONSTRAINT stable_pk PRIMARY KEY (rollout_id),
    CONSTRAINT stable_device FOREIGN KEY (device_id) REFERENCES devices,
    CONSTRAINT stable_progress CHECK (progress BETWEEN 0 AND 100)
) FOR VALUES IN ('stable');
CREATE TABLE firmware_rollouts_beta PARTITION OF firmware_rollouts (
    CONSTRAINT beta_pk PRIMARY KEY (rollout_id),
    CONSTRAINT beta_device FOREIGN KEY (device_id) REFERENCES devices,
    CONSTRAINT beta_status CHECK (status IN ('queued', 'running', 'done', 'failed'))
) FOR VALUES IN ('beta', 'canary');
CREATE TABLE firmware_rollouts_other PARTITION OF firmware_rollouts DEFAULT;
CREATE UNIQUE INDEX firmware_rollouts_other_once ON firmware_rollouts_other (device_id, rollout_id);

-- Multi-column range key, with bounds that are MINVALUE and MAXVALUE.
CREATE TABLE tariffs (
    year int NOT NULL,
    month int NOT NULL CHECK (month BETWEEN 1 AND 12),
    zone char(1) NOT NULL,
    price_per_kwh numeric(6, 4) NOT NULL CHECK (price_per_kwh > 0),
    UNIQUE (year, month, zone)
) PARTITION BY RANGE (year, month);
CREATE TABLE tariffs_old PARTITION OF tariffs FOR VALUES FROM (2000, MINVALUE) TO (2024, 7);
CREATE TABLE tariffs_new PARTITION OF tariffs FOR VALUES FROM (2024, 7) TO (2100, MAXVALUE);

-- Partitioned by an expression.
CREATE TABLE audit_log (
    at timestamp NOT NULL,
    actor text,
    action varchar(20) NOT NULL,
    detail xml
) PARTITION BY RANGE (date_trunc('year', at));
CREATE TABLE audit_log_2024 PARTITION OF audit_log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE audit_log_2025 PARTITION OF audit_log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');

-- References to single partitions, from anywhere and from one partition to another; one that others would go past.
create table signals (
  id bigint not null,
  kind text not null,
  at date not null,
  primary key (id, kind)
) partition by list (kind);
create table signals_heat partition of signals for values in ('heat');
create table signals_light partition of signals for values in ('light', 'dusk');
create table signals_other partition of signals default;

create table heat_notes (
  note_id serial primary key,
  signal_id bigint not null,
  kind text not null,
  foreign key (signal_id, kind) references signals_heat (id, kind)
);
create table odd_notes (
  note_id serial primary key,
  signal_id bigint,
  kind text,
  foreign key (signal_id, kind) references signals_other (id, kind)
);

create table replies (
  id bigint not null,
  month date not null,
  signal_id bigint,
  kind text,
  primary key (id, month)
) partition by range (month);
create table replies_january partition of replies for values from ('2024-01-01') to ('2024-02-01');
create table replies_february partition of replies for values from ('2024-02-01') to ('2024-03-01');
alter table replies_january add foreign key (signal_id, kind) references signals_heat (id, kind);
alter table replies_february add foreign key (signal_id, kind) references signals_light (id, kind);

create table cells (
  region int not null,
  floor int not null,
  id int not null,
  primary key (region, floor, id)
) partition by range (region);
create table cells_low partition of cells for values from (0) to (10) partition by list (floor);
create table cells_low_ground partition of cells_low for values in (0, 1);
create table cells_low_top partition of cells_low for values in (2);
create table cells_high partition of cells for values from (10) to (20);
create table roofs (
  roof_id serial primary key,
  cell_region int not null,
  cell_floor int not null,
  cell_id int not null,
  unique (cell_id, cell_region, cell_floor),
  foreign key (cell_region, cell_floor, cell_id) references cells_low_top (region, floor, id)
);

-- Hash partitions that others refer to, and one that has a check of its own.
create table shards (
    tenant integer not null,
    code text not null,
    day date not null,
    heavy boolean not null,
    primary key (tenant, code)
) partition by hash (tenant, code);
create table shards_0 partition of shards for values with (modulus 4, remainder 0);
create table shards_1 partition of shards (constraint shards_1_light check (not heavy))
    for values with (modulus 4, remainder 1);
create table shards_2 partition of shards for values with (modulus 4, remainder 2);
create table shards_3 partition of shards for values with (modulus 4, remainder 3);
create table shard_notes (
    id integer primary key,
    tenant integer not null,
    code text not null,
    foreign key (tenant, code) references shards_2 (tenant, code)
);
-- A list with a default partition beside a part that takes only some days.
create table visits (region text not null, day date not null, visitors integer not null) partition by list (region);
create table visits_eu partition of visits for values in ('eu', 'uk') partition by range (day);
create table visits_eu_2024 partition of visits_eu for values from ('2024-01-01') to ('2025-01-01');
create table visits_rest partition of visits default;
