-- Tables that refer to each other in circles: at a NOT NULL key that is not deferrable, at deferrable ones that share
-- a column with another key, at themselves.

create table stores (
  store_id serial primary key,
  name text not null,
  manager_id int not null unique
);
create table clerks (
  clerk_id serial primary key,
  full_name text not null,
  store_id int not null references stores
);
alter table stores add constraint stores_manager_fkey foreign key (manager_id) references clerks (clerk_id);

-- Every method is of its kind as well, which waits for the method's settings.
create table method_kinds (
  method_id uuid not null,
  scope text not null check (scope ~ '^[a-z]{4}$'),
  primary key (method_id),
  unique (scope, method_id)
);
create table methods (
  method_id uuid primary key,
  scope text not null,
  name text not null,
  unique (scope, name),
  foreign key (scope, method_id) references method_kinds (scope, method_id)
);
create table method_settings (
  id serial primary key,
  method_id uuid not null references methods deferrable initially deferred,
  rank int check (rank between 1 and 5),
  unique (id, method_id)
);

-- A key that leads to its own columns says nothing.
create table things (
  thing_id uuid primary key references things (thing_id),
  label text
);

-- Three in a circle, none of which may be missing.
create table alphas (id int primary key, beta_id int not null);
create table betas (id int primary key, gamma_id int not null);
create table gammas (id int primary key, alpha_id int not null references alphas);
alter table alphas add foreign key (beta_id) references betas;
alter table betas add foreign key (gamma_id) references gammas;

-- Each one's chosen one is one of its own: the band's leader plays in the band, a chapter opens with one of its scenes.
create table bands (
  band_id uuid primary key,
  label text not null unique,
  leader_id int not null
);
create table players (
  player_id int primary key,
  band_id uuid not null references bands deferrable initially deferred,
  instrument text not null check (instrument in ('drums', 'bass', 'voice')),
  unique (band_id, player_id)
);
alter table bands add foreign key (band_id, leader_id) references players (band_id, player_id);

create table chapters (
  volume int not null,
  chapter int not null,
  opening bigint,
  primary key (volume, chapter)
);
create table scenes (
  scene bigserial primary key,
  in_volume int not null,
  in_chapter int not null,
  foreign key (in_volume, in_chapter) references chapters,
  unique (scene, in_chapter, in_volume)
);
alter table chapters add foreign key (opening, chapter, volume) references scenes (scene, in_chapter, in_volume)
  deferrable initially deferred;

-- No guild has a patron, since there is none: who needs a patron's guild has none either.
create table patrons (patron_id int primary key check (patron_id > 5), check (patron_id < 3));
create table guilds (
  guild_id serial primary key,
  patron_id int references patrons,
  unique (guild_id, patron_id)
);
create table guild_feasts (
  feast_id serial primary key,
  guild_id int not null,
  patron_id int not null,
  foreign key (guild_id, patron_id) references guilds (guild_id, patron_id)
);

-- Players belong to teams, and a captain to the team that he leads: the side that sorts first is not the one that leads.
create table squads (id integer primary key, name text not null unique, captain_id integer not null);
create table athletes (
    id integer primary key,
    squad_id integer not null references squads deferrable initially deferred,
    shirt smallint not null check (shirt between 1 and 99),
    unique (squad_id, shirt),
    unique (id, squad_id)
);
alter table squads
    add foreign key (captain_id, id) references athletes (id, squad_id) deferrable initially deferred;

-- Each row of a long line refers to the one before it.
create table reversals (
    id uuid primary key,
    reverses uuid unique references reversals deferrable initially deferred,
    check (reverses <> id)
);

-- An office is named by a company that may be missing, a person of it never is.
create table firms (id integer primary key, country char(2) not null, unique (id, country));
create table offices (firm integer, country char(2), no integer, primary key (firm, country, no),
    foreign key (firm, country) references firms (id, country));
create table staff (id integer primary key, firm integer not null references firms, unique (id, firm));
create table rotas (
    firm integer, country char(2), no integer, staff integer, day date,
    primary key (staff, day),
    foreign key (staff, firm) references staff (id, firm),
    foreign key (firm, country, no) references offices
);

-- Over a deferred reference in a circle, beside one to the table itself that hands the craft on.
CREATE TABLE crafts (id int PRIMARY KEY, name text NOT NULL UNIQUE, master int NOT NULL, purse int, rank text NOT NULL CHECK (rank IN ('low', 'high')), CHECK (rank = 'low' OR purse IS NOT NULL));
CREATE TABLE craft_members (
    craft_id int NOT NULL REFERENCES crafts DEFERRABLE INITIALLY DEFERRED,
    id int NOT NULL UNIQUE,
    trained_by int,
    lodge int,
    PRIMARY KEY (craft_id, id),
    FOREIGN KEY (craft_id, trained_by) REFERENCES craft_members (craft_id, id),
    CHECK (trained_by <> id)
);
CREATE TABLE craft_lodges (craft_id int NOT NULL, id int NOT NULL, keeper int NOT NULL, PRIMARY KEY (craft_id, id), FOREIGN KEY (craft_id, keeper) REFERENCES craft_members (craft_id, id));
CREATE TABLE craft_purses (id int PRIMARY KEY, craft_id int NOT NULL UNIQUE REFERENCES crafts DEFERRABLE INITIALLY DEFERRED, UNIQUE (id, craft_id));
ALTER TABLE crafts ADD FOREIGN KEY (id, master) REFERENCES craft_members (craft_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE crafts ADD FOREIGN KEY (purse, id) REFERENCES craft_purses (id, craft_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE craft_members ADD FOREIGN KEY (craft_id, lodge) REFERENCES craft_lodges (craft_id, id) DEFERRABLE INITIALLY DEFERRED;
