-- Unique pairs that a check puts in order: friendships, bands, seasons. Only so many pairs exist, and all may be asked for.

CREATE TABLE members (
    id uuid PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE places (
    id integer PRIMARY KEY CHECK (id BETWEEN 1 AND 40),
    name text NOT NULL
);

-- One row for two members, whichever comes first.
CREATE TABLE friendships (
    user_a uuid NOT NULL REFERENCES members,
    user_b uuid NOT NULL REFERENCES members,
    since date,
    PRIMARY KEY (user_a, user_b),
    CHECK (user_a < user_b)
);

CREATE TABLE distances (
    from_place integer NOT NULL REFERENCES places,
    to_place integer NOT NULL REFERENCES places,
    km numeric(6,1) NOT NULL CHECK (km > 0),
    PRIMARY KEY (from_place, to_place),
    CONSTRAINT elsewhere CHECK (from_place <> to_place)
);

CREATE TABLE cables (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    one_end integer NOT NULL REFERENCES places,
    other_end integer NOT NULL REFERENCES places,
    CHECK (one_end IS DISTINCT FROM other_end)
);
CREATE UNIQUE INDEX cables_either_way ON cables (least(one_end, other_end), greatest(one_end, other_end));

CREATE TABLE rivals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    one integer NOT NULL REFERENCES places,
    two integer NOT NULL REFERENCES places
);
CREATE UNIQUE INDEX rivals_either_way ON rivals (greatest(two, one), least(one, two));

-- Two columns with the same values, and two of which one may be what the other may not.
CREATE TABLE age_bands (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_age smallint NOT NULL CHECK (from_age BETWEEN 0 AND 30),
    to_age smallint NOT NULL CHECK (to_age BETWEEN 0 AND 30),
    UNIQUE (from_age, to_age),
    CHECK (from_age <= to_age)
);

CREATE TABLE price_bands (
    shelf text NOT NULL CHECK (shelf IN ('top', 'middle', 'floor')),
    low numeric(4,1) NOT NULL CHECK (low >= 0 AND low < 2),
    high numeric(4,1) NOT NULL CHECK (high > 1 AND high <= 4),
    PRIMARY KEY (shelf, low, high),
    CHECK (high > low)
);

CREATE TABLE seasons (
    opens date NOT NULL CHECK (opens >= '2025-03-01' AND opens <= '2025-03-31'),
    closes date NOT NULL CHECK (closes >= '2025-03-01' AND closes <= '2025-03-31'),
    UNIQUE (opens, closes),
    CHECK (NOT opens >= closes)
);

-- Room for everybody, in which half of what comes naturally would be the wrong way round.
CREATE TABLE spans (
    low integer NOT NULL,
    high integer NOT NULL,
    begins date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (low, high),
    UNIQUE (begins, ends),
    CHECK (low < high AND begins <= ends)
);

-- Choices among the few of a group: two that differ have to be there, a third may.
CREATE TABLE polls (id int PRIMARY KEY, title text NOT NULL);
CREATE TABLE options (
    poll_id int REFERENCES polls,
    no smallint CHECK (no BETWEEN 1 AND 9),
    label text NOT NULL,
    PRIMARY KEY (poll_id, no)
);
CREATE TABLE rankings (
    id int PRIMARY KEY,
    poll_id int NOT NULL REFERENCES polls,
    first smallint NOT NULL,
    second smallint NOT NULL,
    third smallint,
    FOREIGN KEY (poll_id, first) REFERENCES options,
    FOREIGN KEY (poll_id, second) REFERENCES options,
    FOREIGN KEY (poll_id, third) REFERENCES options,
    CHECK (first <> second AND third <> first AND third <> second)
);
