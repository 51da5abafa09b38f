CREATE TYPE membership_level AS ENUM ('basic', 'plus', 'premium');
CREATE TABLE studios (id int PRIMARY KEY, name text NOT NULL, city text NOT NULL, country text NOT NULL, opened_on date NOT NULL);
CREATE TABLE trainers (id int PRIMARY KEY, studio_id int NOT NULL REFERENCES studios, full_name text NOT NULL, hourly_rate numeric(6, 2) NOT NULL);
CREATE TABLE members (
    id int PRIMARY KEY, studio_id int NOT NULL REFERENCES studios, full_name text NOT NULL, email text, phone text, birth_date date,
    level membership_level NOT NULL, monthly_fee numeric(6, 2) NOT NULL, frozen boolean NOT NULL, joined_on date NOT NULL, cancelled_at timestamptz
);
CREATE TABLE sessions (
    id int PRIMARY KEY, trainer_id int NOT NULL REFERENCES trainers, title text NOT NULL, starts_at timestamptz NOT NULL,
    duration_min int NOT NULL, capacity int NOT NULL
);
CREATE TABLE attendances (
    id int PRIMARY KEY, session_id int NOT NULL REFERENCES sessions, member_id int NOT NULL REFERENCES members,
    checked_in_at timestamptz, rating int CHECK (rating BETWEEN 1 AND 5), source text
);
