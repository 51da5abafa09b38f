-- Checks, indexes, defaults and generated columns that call functions of the schema, in SQL and in PL/pgSQL, and
-- triggers, views, rules and policies that a loader has to live with.

CREATE FUNCTION is_even(n integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT n % 2 = 0 $$;
CREATE FUNCTION normalise_name(name text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower(btrim(name));
CREATE FUNCTION is_email(address text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $body$
    SELECT address ~* '^[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,}$'
$body$;
CREATE FUNCTION is_percentage(x numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 >= 0 AND $1 <= 100';
CREATE FUNCTION default_code() RETURNS text LANGUAGE sql AS $$ SELECT 'X' || floor(random() * 1000)::text $$;
CREATE FUNCTION area(width numeric, height numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT width * height $$;
CREATE FUNCTION even_and_small(n integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT is_even(n) AND n < 1000 $$;
CREATE FUNCTION luhn_like(n text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF n IS NULL THEN RETURN NULL; END IF;
    -- Not the whole of it: digits only, and no leading zero; written as people write it.
    RETURN n ~ '^[1-9][0-9]*$';
END;
$$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_everything() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no %', TG_OP; END $$;

CREATE DOMAIN even_number AS integer CHECK (is_even(VALUE));
CREATE DOMAIN email AS text CHECK (is_email(VALUE));

CREATE TABLE labels (
    id serial PRIMARY KEY,
    code text NOT NULL DEFAULT default_code(),
    name text NOT NULL,
    normalised text GENERATED ALWAYS AS (normalise_name(name)) STORED,
    width numeric(6, 2) NOT NULL CHECK (width > 0),
    height numeric(6, 2) NOT NULL CHECK (height > 0),
    surface numeric GENERATED ALWAYS AS (area(width, height)) STORED,
    pieces even_number NOT NULL,
    rows_count integer CHECK (even_and_small(rows_count) AND rows_count >= 0),
    contact email,
    discount numeric(5, 2) CHECK (is_percentage(discount)),
    account_no varchar(12) CHECK (luhn_like(account_no::text)),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX labels_name ON labels (normalise_name(name));
CREATE TRIGGER labels_touch BEFORE INSERT OR UPDATE ON labels FOR EACH ROW EXECUTE FUNCTION touch();

CREATE TABLE sealed (
    label_id int PRIMARY KEY REFERENCES labels,
    note text
);
CREATE TRIGGER sealed_for_good BEFORE INSERT ON sealed FOR EACH ROW EXECUTE FUNCTION refuse_everything();

CREATE VIEW label_names AS SELECT id, normalised FROM labels;
CREATE RULE label_names_insert AS ON INSERT TO label_names DO INSTEAD NOTHING;
ALTER TABLE labels ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON labels USING (false);

-- Loops over arrays, which nobody here can follow: one item is in order with itself, and a loop over NULL is an error.
create function strictly_rising(figures int[]) returns boolean language plpgsql immutable as $$
declare
  before int;
  figure int;
begin
  foreach figure in array figures loop
    if before is not null and figure <= before then
      return false;
    end if;
    before := figure;
  end loop;
  return true;
end
$$;
create domain rising as int[] check (strictly_rising(value));
create type shift as (begins smallint, ends smallint);
create domain fair_shift as shift check (
  (value).begins >= 0 and (value).begins <= 23 and (value).ends >= 1 and (value).ends <= 24
);
create function apart(shifts fair_shift[]) returns boolean language plpgsql immutable as $$
declare
  one shift;
  last shift;
begin
  foreach one in array shifts loop
    if last is not null and one.begins < last.ends then
      return false;
    end if;
    last := one;
  end loop;
  return true;
end
$$;
create domain rota as fair_shift[] check (apart(value));
create table rounds (
  round_id serial primary key,
  floors rising not null,
  doors int[] check (strictly_rising(doors)),
  shifts rota
);

-- What Postgres computes by naming a role that has to be there.
create function role_named(name text) returns regrole language sql immutable as $$ select name::regrole $$;
create table visitors (
  visitor_id serial primary key,
  claims jsonb not null,
  acts_as regrole generated always as (role_named(claims ->> 'role')) stored not null
);

-- Arrays whose elements are arrays under a name of their own, which is not two dimensions.
create domain synonyms as text[];
create domain few as int[] check (cardinality(value) < 3);
create domain week as rota[] check (cardinality(value) = 7);
create table dictionaries (
  entry_id serial primary key,
  senses synonyms[] not null,
  related synonyms[] check (array_length(related, 1) between 2 and 3),
  pairs few[],
  opening_hours week
);

-- Functions that look through lists, documents and series.
create function all_positive(numbers int[]) returns boolean language sql immutable
    as $$ select not exists (select 1 from unnest(numbers) as n where n <= 0 or n is null) $$;
create function all_different(items anyarray) returns boolean language sql immutable
    as $$ select count(distinct item) = count(item) from unnest(items) item $$;
create function total_of(numbers int[]) returns bigint language sql immutable
    as $$ select coalesce(sum(n), 0) from unnest(numbers) as n $$;
create function only_known_keys(options jsonb) returns boolean language sql immutable
    as $$ select not exists (select from jsonb_object_keys(options) k where k not in ('size', 'colour', 'weight')) $$;
create function is_card_number(digits text) returns boolean language sql immutable as $$
    select digits ~ '^\d+$' and (
        select sum(case when i % 2 = 0 then (d * 2) / 10 + (d * 2) % 10 else d end) % 10 = 0
        from (select substr(reverse(digits), i, 1)::int as d, i from generate_series(1, length(digits)) as i) s
    )
$$;
create function has_no_gap(words text[]) returns boolean language plpgsql immutable as $$
declare
    word text;
    least int := 1;
begin
    foreach word in array words loop
        if length(word) < least then return false; end if;
    end loop;
    return true;
end $$;

create table splits (
    id integer primary key,
    card text not null unique check (length(card) = 16 and is_card_number(card)),
    parts int[] not null check (all_positive(parts)) check (all_different(parts)),
    total bigint not null check (total = total_of(parts)),
    options jsonb not null check (only_known_keys(options)),
    words text[] not null check (has_no_gap(words)),
    check (cardinality(parts) between 2 and 4)
);

-- A function that asks for a row which a reference leads to, and for what it has.
CREATE TABLE staff (id int PRIMARY KEY, role text NOT NULL CHECK (role IN ('nurse', 'doctor', 'porter')));
CREATE FUNCTION may_sign(person int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    found_role text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.staff s WHERE s.id = person AND s.role <> 'porter') THEN
        RAISE EXCEPTION 'a porter signs nothing';
    END IF;
    SELECT role INTO found_role FROM public.staff WHERE id = person;
    RETURN found_role <> 'nurse';
END $$;
CREATE TABLE letters (id int PRIMARY KEY, signed_by int NOT NULL REFERENCES staff CHECK (may_sign(signed_by)));
