-- Exclusion constraints in the ways people write them: spans from two columns, from a start and a duration, from a day
-- and two hours, generated spans, spans of one value for "=", ends that may be missing, predicates, little room, and
-- operators for which nothing is laid side by side.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE courts (id int PRIMARY KEY, name text NOT NULL);

CREATE TABLE rate_plans (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    scope text NOT NULL CHECK (scope IN ('site', 'group')),
    scope_id uuid,
    state text NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to IS NULL OR valid_to > valid_from),
    EXCLUDE USING gist (
        tenant_id WITH =, scope WITH =, COALESCE(scope_id, '00000000-0000-0000-0000-000000000000'::uuid) WITH =,
        daterange(valid_from, valid_to) WITH &&
    ) WHERE (state = 'published')
);

CREATE TABLE appointments (
    id int PRIMARY KEY,
    doctor_id int NOT NULL REFERENCES courts,
    starts_at timestamp NOT NULL,
    minutes int NOT NULL CHECK (minutes BETWEEN 5 AND 240),
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'cancelled', 'missed', 'done')),
    span tsrange GENERATED ALWAYS AS (tsrange(starts_at, starts_at + minutes * interval '1 minute')) STORED,
    EXCLUDE USING gist (doctor_id WITH =, span WITH &&) WHERE (state NOT IN ('cancelled', 'missed'))
);

CREATE TABLE court_hours (
    id int PRIMARY KEY,
    court_id int NOT NULL REFERENCES courts,
    day date NOT NULL,
    opens time NOT NULL,
    closes time NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')),
    CHECK (closes > opens),
    EXCLUDE USING gist (
        court_id WITH =, tsrange((day + opens)::timestamp, (day + closes)::timestamp, '[)') WITH &&
    ) WHERE (state <> 'cancelled')
);
CREATE UNIQUE INDEX court_hours_once ON court_hours (court_id, day, opens) WHERE state <> 'cancelled';

CREATE TABLE maintenance (
    id int PRIMARY KEY,
    room int NOT NULL,
    starts_at timestamp NOT NULL,
    minutes int NOT NULL CHECK (minutes > 0 AND minutes < 600),
    EXCLUDE USING gist (room WITH =, tsrange(starts_at, starts_at + make_interval(mins => minutes)) WITH &&)
);

CREATE TABLE work_entries (
    id int PRIMARY KEY,
    worker_id int NOT NULL REFERENCES courts,
    starts_at timestamp NOT NULL,
    stops_at timestamp NOT NULL,
    state text,
    active boolean,
    CHECK (stops_at > starts_at),
    EXCLUDE USING gist (tsrange(starts_at, stops_at, '()') WITH &&, int4range(worker_id, worker_id, '[]') WITH =)
        WHERE (state = 'validated' AND active)
);

CREATE TABLE policies (
    id int PRIMARY KEY,
    from_at timestamptz NOT NULL,
    to_at timestamptz CHECK (to_at IS NULL OR to_at > from_at),
    state text NOT NULL CHECK (state IN ('active', 'draft')),
    EXCLUDE USING gist (tstzrange(from_at, COALESCE(to_at, 'infinity'), '[)') WITH &&) WHERE (state = 'active')
);

CREATE TABLE lessons (
    id int PRIMARY KEY,
    teacher_id int NOT NULL REFERENCES courts,
    room_id int NOT NULL REFERENCES courts,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    EXCLUDE USING gist (teacher_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&),
    EXCLUDE USING gist (room_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
);

CREATE TYPE code_range AS RANGE (subtype = text, collation = "C");
CREATE TABLE zones (
    id int PRIMARY KEY,
    org_id int NOT NULL,
    country char(2) NOT NULL,
    code_from text NOT NULL,
    code_to text NOT NULL,
    span code_range GENERATED ALWAYS AS (code_range(code_from, code_to, '[]')) STORED,
    CHECK (code_from COLLATE "C" <= code_to COLLATE "C"),
    EXCLUDE USING gist (org_id WITH =, country WITH =, span WITH &&)
);

CREATE TABLE racks (
    id int PRIMARY KEY,
    rack int NOT NULL CHECK (rack BETWEEN 1 AND 4),
    low int NOT NULL CHECK (low BETWEEN 1 AND 42),
    high int NOT NULL CHECK (high BETWEEN 1 AND 42),
    CHECK (high >= low),
    EXCLUDE USING gist (rack WITH =, int4range(low, high, '[]') WITH &&)
);

CREATE TABLE prices (
    id int PRIMARY KEY,
    product int NOT NULL,
    valid_from date NOT NULL CHECK (valid_from >= '2024-01-01'),
    valid_to date NOT NULL DEFAULT 'infinity',
    pieces_from int NOT NULL,
    pieces_to int,
    CHECK (valid_from < valid_to),
    CHECK (pieces_to > pieces_from),
    EXCLUDE USING gist (product WITH =, daterange(valid_from, valid_to, '[]') WITH &&),
    EXCLUDE USING gist (product WITH =, int4range(pieces_from, COALESCE(pieces_to, 2147483647)) WITH &&)
);

CREATE TABLE usage_periods (
    id int PRIMARY KEY,
    user_id int NOT NULL,
    period tstzrange NOT NULL,
    CHECK (NOT isempty(period)),
    CHECK (upper(period) - lower(period) <= interval '2 hours'),
    EXCLUDE USING gist (user_id WITH =, period WITH &&)
);

CREATE TABLE plots (
    id int PRIMARY KEY,
    place circle,
    fence box,
    address inet NOT NULL,
    lane int NOT NULL,
    seat int NOT NULL,
    owner text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('a', 'b', 'c')),
    EXCLUDE USING gist (place WITH &&) WHERE (kind = 'a'),
    EXCLUDE USING gist (address inet_ops WITH &&),
    EXCLUDE USING gist (owner WITH =, kind WITH <>),
    EXCLUDE USING btree (lane WITH =, seat WITH =) DEFERRABLE
);

-- The ends of a span are near each other, its day is a column of its own, and what happened stands beside what was
-- planned: the spans stay where they are for all that.
CREATE TABLE gate_turns (
    id int PRIMARY KEY,
    gate int NOT NULL CHECK (gate BETWEEN 1 AND 3),
    day date NOT NULL,
    planned_from timestamptz NOT NULL,
    planned_to timestamptz NOT NULL,
    left_at timestamptz,
    CHECK (planned_to > planned_from AND planned_to < planned_from + interval '20 hours'),
    CHECK ((planned_from AT TIME ZONE 'UTC')::date = day),
    CHECK (left_at >= planned_from),
    EXCLUDE USING gist (gate WITH =, tstzrange(planned_from, planned_to) WITH &&)
);

-- Ranges that have to be so long: where they lie side by side, and where they need not.
CREATE TABLE supplies (
    id int PRIMARY KEY,
    meter int NOT NULL,
    term daterange NOT NULL,
    billed daterange NOT NULL CHECK (upper(billed) - lower(billed) BETWEEN 28 AND 366),
    shift tstzrange CHECK (upper(shift) - lower(shift) > interval '20 minutes' AND upper(shift) - lower(shift) <= '3 hours'),
    numbers int4range NOT NULL CHECK (upper(numbers) - lower(numbers) = 100),
    CHECK (lower(term) IS NOT NULL),
    CHECK (upper_inf(term) OR upper(term) - lower(term) >= 90),
    EXCLUDE USING gist (meter WITH =, term WITH &&)
);

-- Ranges within ranges, of which some must not overlap.
CREATE TABLE school_terms (
    id int PRIMARY KEY,
    term daterange NOT NULL,
    lessons daterange NOT NULL,
    holidays datemultirange NOT NULL,
    exams tstzrange,
    mocks tstzrange NOT NULL,
    CHECK (term @> lessons AND holidays <@ lessons),
    CHECK (exams @> mocks),
    EXCLUDE USING gist (term WITH &&)
);

-- A day and the hours of it, of which the last may be left open; and a range type of one's own over hours.
CREATE TYPE hours AS RANGE (subtype = time);
CREATE TABLE sittings (
    id int PRIMARY KEY,
    sitter int NOT NULL CHECK (sitter BETWEEN 1 AND 4),
    date date NOT NULL,
    start_time time NOT NULL,
    end_time time,
    EXCLUDE USING gist (sitter WITH =, tsrange(date + start_time, date + end_time) WITH &&)
);
CREATE TABLE classes (
    id int PRIMARY KEY,
    teacher text NOT NULL,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    start_time time NOT NULL,
    end_time time NOT NULL CHECK (end_time > start_time),
    EXCLUDE USING gist (teacher WITH =, weekday WITH =, hours(start_time, end_time) WITH &&)
);
