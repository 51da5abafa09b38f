-- Texts and days that checks shape after other columns, and slots that begin on days of the calendar.

CREATE EXTENSION btree_gist;
CREATE EXTENSION citext;

CREATE TYPE kind AS ENUM ('direct', 'private', 'public');

-- With an extension that has a replace() of its own: the one called here is the built-in.
CREATE FUNCTION canonical(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT replace(lower($1), '-', '_') $$;

CREATE TABLE packages (id int PRIMARY KEY, name varchar(40) NOT NULL, label citext);
CREATE UNIQUE INDEX packages_name ON packages (canonical(name));

CREATE TABLE categories (
    id text PRIMARY KEY,
    parent text REFERENCES categories,
    trail text NOT NULL CHECK (trail LIKE '%/' || id),
    above text CHECK (parent IS NULL OR above LIKE parent || '.%')
);

CREATE TABLE runs (
    job varchar(60) NOT NULL,
    run varchar(80) NOT NULL,
    cause varchar(20) NOT NULL CHECK (cause IN ('manual', 'planned')),
    UNIQUE (job, run),
    CHECK (run LIKE cause || '\_\_%')
);

CREATE TABLE steps (
    job varchar(60), run varchar(80), step int, note text,
    PRIMARY KEY (job, run, step),
    FOREIGN KEY (job, run) REFERENCES runs (job, run),
    CHECK (starts_with(note, run))
);

CREATE TABLE channels (
    team int,
    code text,
    kind kind NOT NULL,
    PRIMARY KEY (team, code),
    CHECK (code ~ ('^' || CASE kind WHEN 'direct' THEN 'D' WHEN 'private' THEN 'G' ELSE 'C' END || '[A-Z0-9]{8}$'))
);

CREATE TABLE countries (
    two char(2) PRIMARY KEY CHECK (two ~ '^[A-Z]{2}$'),
    three char(3) NOT NULL UNIQUE CHECK (three ~ '^[A-Z]{3}$'),
    CHECK (left(three, 1) = left(two, 1))
);

CREATE TABLE accounts (
    id int PRIMARY KEY,
    number varchar(34) NOT NULL UNIQUE CHECK (number ~ '^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$'),
    bank varchar(11) NOT NULL CHECK (bank ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
    branch text NOT NULL CHECK (split_part(branch, '-', 1) = bank),
    memo text CHECK (strpos(memo, number) > 0),
    CHECK (substr(number, 1, 2) = substr(bank, 5, 2))
);

CREATE TABLE charges (
    id int PRIMARY KEY,
    company text NOT NULL CHECK (company ~ '^\d{8}$'),
    code text NOT NULL UNIQUE,
    CHECK (code LIKE company || '-____')
);

-- A choice whose options are told apart by their first characters takes no time.
CREATE TABLE logins (
    login varchar(12) PRIMARY KEY CHECK (login ~* '^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,24}$')
);

CREATE TABLE bookings (
    id int PRIMARY KEY,
    starts timestamp NOT NULL,
    ends timestamp NOT NULL,
    snooze interval CHECK (snooze = ANY ('{5 minutes,1 day}'::interval[])),
    CHECK (ends - starts IN (interval '15 minutes', interval '30 minutes', interval '1 hour'))
);

CREATE TABLE salaries (
    employee int,
    starts date NOT NULL CHECK (extract(day FROM starts) = 1),
    ends date NOT NULL,
    amount numeric(9, 2) NOT NULL,
    PRIMARY KEY (employee, starts),
    CHECK (starts < ends),
    EXCLUDE USING gist (employee WITH =, daterange(starts, ends) WITH &&)
);

CREATE TABLE shifts (
    id int PRIMARY KEY,
    employee int NOT NULL,
    monday date NOT NULL CHECK (extract(isodow FROM monday) = 1),
    sunday date NOT NULL CHECK (extract(isodow FROM sunday) = 7),
    CHECK (monday <= sunday),
    EXCLUDE USING gist (employee WITH =, daterange(monday, sunday, '[]') WITH &&)
);

-- Years, months and days that keys give.
CREATE TABLE terms (
    year smallint CHECK (year BETWEEN 2000 AND 2099),
    season text CHECK (season IN ('spring', 'autumn')),
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (year, season),
    CHECK (ends > starts),
    CHECK (extract(year FROM starts) = year),
    CHECK (CASE season WHEN 'spring' THEN extract(month FROM starts) < 4 ELSE extract(month FROM starts) > 8 END)
);

CREATE TABLE statements (
    account int, month date CHECK (extract(day FROM month) = 1), closed_at timestamp NOT NULL,
    PRIMARY KEY (account, month),
    CHECK (date_trunc('month', closed_at)::date = month)
);

CREATE TABLE taps (
    card int, day date, at timestamp NOT NULL,
    PRIMARY KEY (card, day),
    CHECK (day = at::date)
);

CREATE TABLE visits (
    id int, first_at timestamp, last_at timestamp NOT NULL, seconds int NOT NULL,
    PRIMARY KEY (id, first_at),
    CHECK (last_at >= first_at),
    CHECK (seconds = extract(epoch FROM last_at - first_at))
);

CREATE TABLE policies (
    number text PRIMARY KEY CHECK (number ~ '^P-(19|20)\d{2}-\d{6}$'),
    issued date NOT NULL CHECK (extract(year FROM issued) = substr(number, 3, 4)::int)
);

CREATE TABLE subnets (
    id int PRIMARY KEY,
    block cidr NOT NULL CHECK (masklen(block) = 24),
    gateway inet NOT NULL CHECK (gateway << block),
    resolver inet CHECK (block >> resolver)
);
