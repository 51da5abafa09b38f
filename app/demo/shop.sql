-- A bicycle shop: what `seedbed demo` makes data for. Any schema of your own goes the same way.

create type order_status as enum ('placed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled');
create type payment_method as enum ('card', 'transfer', 'voucher', 'cash');
create domain email_address as text check (value ~ '^[^@\s]+@[^@\s]+\.[a-z]{2,}$' and value = lower(value));
create domain money_amount as numeric(10, 2) check (value >= 0);

create table employees (
    id integer generated always as identity primary key,
    first_name text not null,
    last_name text not null,
    email email_address not null unique,
    job_title text not null check (job_title in ('mechanic', 'sales', 'buyer', 'manager', 'driver')),
    manager_id integer references employees (id),
    hired_on date not null check (hired_on >= date '2012-04-01'),
    weekly_hours smallint not null default 38 check (weekly_hours between 8 and 40)
);

create table customers (
    id bigint generated always as identity primary key,
    first_name text not null,
    last_name text not null,
    email email_address not null,
    phone varchar(24),
    birth_date date check (birth_date > date '1930-01-01'),
    newsletter boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (updated_at >= created_at)
);
create unique index customers_email_key on customers (lower(email));

create table addresses (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers (id) on delete cascade,
    label text not null default 'home' check (label in ('home', 'work', 'pick-up')),
    street text not null,
    city text not null,
    postal_code varchar(12) not null,
    country_code char(2) not null check (country_code = upper(country_code)),
    is_default boolean not null default false
);
create unique index addresses_one_default on addresses (customer_id) where is_default;

create table brands (
    id smallint primary key,
    name text not null unique,
    website text
);

create table categories (
    id integer primary key,
    parent_id integer references categories (id),
    slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);

create table products (
    id uuid primary key default gen_random_uuid(),
    sku varchar(12) not null unique check (sku ~ '^[A-Z]{3}-[0-9]{6}$'),
    name text not null check (length(name) between 3 and 120),
    description text,
    brand_id smallint not null references brands (id),
    category_id integer not null references categories (id),
    list_price money_amount not null check (list_price > 0),
    cost_price money_amount not null,
    weight_g integer check (weight_g between 5 and 40000),
    colours text[] not null default '{}',
    specification jsonb not null default '{}' check (jsonb_typeof(specification) = 'object'),
    discontinued_on date,
    check (cost_price <= list_price)
);

create table stock (
    product_id uuid not null references products (id),
    shelf char(4) not null check (shelf ~ '^[A-F][0-9]{3}$'),
    quantity integer not null check (quantity >= 0),
    reorder_at integer not null default 2 check (reorder_at >= 0),
    primary key (product_id, shelf)
);

create table orders (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers (id),
    address_id bigint references addresses (id),
    served_by integer references employees (id),
    status order_status not null default 'placed',
    placed_at timestamptz not null,
    shipped_at timestamptz,
    delivered_at timestamptz,
    note text,
    check (shipped_at >= placed_at),
    check (delivered_at >= shipped_at),
    check (status not in ('shipped', 'delivered') or shipped_at is not null),
    check (status <> 'delivered' or delivered_at is not null)
);
create index on orders (customer_id, placed_at);

create table order_lines (
    order_id bigint not null references orders (id) on delete cascade,
    line_no smallint not null check (line_no between 1 and 99),
    product_id uuid not null references products (id),
    quantity smallint not null check (quantity between 1 and 20),
    unit_price money_amount not null,
    discount_percent numeric(4, 1) not null default 0 check (discount_percent between 0 and 60),
    line_total numeric(14, 2) generated always as (round(quantity * unit_price * (100 - discount_percent) / 100, 2)) stored,
    primary key (order_id, line_no)
);

create table payments (
    id uuid primary key,
    order_id bigint not null references orders (id),
    method payment_method not null,
    amount money_amount not null check (amount > 0),
    card_last4 char(4) check (card_last4 ~ '^[0-9]{4}$'),
    paid_at timestamptz not null,
    refunded_at timestamptz,
    check ((method = 'card') = (card_last4 is not null)),
    check (refunded_at is null or refunded_at > paid_at)
);

create table reviews (
    product_id uuid not null references products (id),
    customer_id bigint not null references customers (id),
    stars smallint not null check (stars between 1 and 5),
    title varchar(80) not null,
    body text,
    created_at timestamptz not null,
    primary key (product_id, customer_id)
);

create table repairs (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers (id),
    mechanic_id integer not null references employees (id),
    frame_number varchar(20) not null,
    during tstzrange not null check (not isempty(during)),
    work text not null,
    price money_amount
);

comment on table repairs is 'Visits to the workshop, from drop-off to pick-up';
comment on column products.specification is 'Free-form facts, such as gears or wheel size';
