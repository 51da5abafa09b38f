-- Checks that few values pass by chance: equal to a function of themselves, of each other, or too wide a sum.

CREATE TABLE moments (
    id integer PRIMARY KEY,
    month_end date NOT NULL CHECK (month_end = (date_trunc('month', month_end) + interval '1 month - 1 day')::date),
    opens time NOT NULL,
    closes time NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    days integer NOT NULL CHECK (days BETWEEN 1 AND 90),
    due timestamptz NOT NULL,
    CHECK (opens < closes AND extract(second FROM opens) = 0),
    CHECK (ends > begins AND ends <= begins + make_interval(days => 30, hours => 12)),
    CHECK (due = begins + make_interval(days => days))
);

CREATE TABLE words (
    id integer PRIMARY KEY,
    title text NOT NULL CHECK (title = initcap(title)),
    size integer NOT NULL CHECK (size BETWEEN 3 AND 12),
    name text NOT NULL CHECK (char_length(name) = size),
    chosen integer NOT NULL,
    offered integer[] NOT NULL,
    rank text NOT NULL CHECK (rank::integer BETWEEN 1 AND 99),
    email text NOT NULL UNIQUE CHECK (char_length(email) >= 40),
    CHECK (chosen = ANY (offered))
);

CREATE TABLE shares (
    id integer PRIMARY KEY,
    own numeric(5,2) NOT NULL,
    family numeric(5,2) NOT NULL,
    public numeric(5,2) NOT NULL,
    CHECK (own + family + public = 100)
);
