-- Constraints that leave hardly any room.

create schema shadows;
-- Its argument is an array: what other indexes call is Postgres' own.
create function lower(text[]) returns text[] language sql immutable
  as $$ select array_agg(lower(value)) from unnest($1) value $$;

create table settings (id int primary key default 0 check (id = 0), version bigint not null);
create table kinds (id smallint unique check (id in (1, 2, 3, 4)), kind text primary key);
create table orders (order_id serial primary key, kind_id smallint not null references kinds (id));
create table people (id serial primary key, name varchar not null);
create unique index people_name on people (lower(name::text));

-- As many rows as there are parents, each of which may be taken once.
create table scopes (id serial primary key, name text);
create table runs (
  id serial primary key,
  scope_id int not null references scopes,
  finished_at timestamptz check (finished_at is null)
);
create unique index runs_active on runs (scope_id) where finished_at is null;

-- The blanks of a char(n) are part of what a pattern sees.
create table works (id serial primary key, code char(15) check (code ~ '^T-?\d{3}.?\d{3}.?\d{3}[-.]?\d$'));
create unique index works_code on works (code, id);

-- The start is part of a key, so that only the end can give way.
create table stays (
  guest_id int not null, starts_on date not null, room_id smallint not null, ends_on date,
  primary key (guest_id, starts_on, room_id),
  check (ends_on >= starts_on or ends_on is null)
);

-- No partition yet: nothing fits in, and what refers to it stays empty too.
create table readings (at timestamptz not null, value float8, primary key (at)) partition by range (at);
create table alarms (id serial primary key, at timestamptz not null references readings);

-- Inherited rows are not the parent's.
create table files (id serial primary key, name text not null);
create table photos (width int) inherits (files);

do $$ begin insert into settings values (0, 7); end $$;

-- Those who refer have less room than what they refer to.
create table depots (region text not null, id bigint not null, no numeric not null unique, primary key (region, id));
create table vans (
  id int primary key, region varchar(6) not null, depot_id int not null, depot_no int references depots (no),
  plate text unique, foreign key (region, depot_id) references depots
);
create table fines (id serial primary key, plate char(7) not null references vans (plate));

-- Nothing says which plants there are, and yet those who refer to two tables have to find some in both.
create table halls (plant text not null, hall_no uuid not null, name text, primary key (plant, hall_no));
create table lines (plant text not null, line_no text not null, hall_no uuid, primary key (plant, line_no),
  foreign key (plant, hall_no) references halls);
create table tools (plant text not null, tool text not null, primary key (plant, tool));
create table setups (id serial primary key, plant text not null, line_no text not null, tool text not null,
  foreign key (plant, line_no) references lines, foreign key (plant, tool) references tools);
-- What stays empty leaves room for those that need not refer to it.
create table alarm_notes (id int primary key, at timestamptz not null, note int, unique (at, note));
create table ghosts (at timestamptz not null check (false), note int not null, primary key (at, note));
create table echoes (id int primary key, at timestamptz not null, note int, foreign key (at, note) references ghosts);

-- Keys of so many digits, as they come from other databases.
create table ledgers (id numeric(7) primary key, no numeric(4, 0) not null unique check (no < 9000));

-- Numbers of any kind, to which numbers of so many digits refer: 739.5 is none of theirs.
create table labels (id numeric primary key, label text not null);
create table shelves (id numeric(10, 0) primary key, label_id numeric(10, 0) references labels, other numeric(6, 2) not null references labels);
create table codes (code numeric(12, 0) primary key);
create table code_uses (id serial primary key, code numeric(5, 0) not null references codes);
