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
