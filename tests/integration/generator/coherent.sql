create type order_state as enum ('pending', 'paid', 'shipped', 'delivered', 'cancelled', 'returned');
create table users (
    id bigserial primary key, first_name text, last_name text, full_name text, username text unique,
    email text unique not null, date_of_birth date, age int, signed_up_at timestamptz not null,
    last_login_at timestamptz, email_verified_at timestamptz, is_active boolean, deactivated_at timestamptz,
    created_at timestamptz not null, updated_at timestamptz not null, deleted_at timestamptz, is_deleted boolean not null
);
create table addresses (
    id serial primary key, city text, state text, country text, country_code char(2), currency char(3)
);
create table orders (
    id serial primary key, status order_state not null, ordered_at timestamptz not null, paid_at timestamptz,
    shipped_at timestamptz, delivered_at timestamptz, cancelled_at timestamptz, returned_at timestamptz,
    subtotal numeric(12, 2) not null, discount_amount numeric(12, 2), tax_rate numeric(5, 2), tax_amount numeric(12, 2),
    shipping_cost numeric(10, 2), total numeric(12, 2) not null, created_at timestamptz, updated_at timestamptz
);
create table order_items (
    order_id int references orders, line_no int, quantity int not null, unit_price numeric(10, 2) not null,
    discount_percent numeric(5, 2), discount numeric(10, 2), line_total numeric(12, 2) not null,
    primary key (order_id, line_no)
);
create table parcels (
    id serial primary key, order_date date not null, ship_date date, delivery_date date, shipped boolean,
    status text not null check (status in ('New', 'Processing', 'Shipped', 'Delivered', 'Cancelled'))
);
create table subscriptions (
    id serial primary key, status text, started_at timestamptz not null, trial_ends_at timestamptz,
    current_period_start timestamptz, current_period_end timestamptz, canceled_at timestamptz, ended_at timestamptz
);
create table tasks (
    id serial primary key, status text, created_at timestamptz, started_at timestamptz, completed_at timestamptz,
    completed boolean
);
create table invoices (
    id serial primary key, status text, issue_date date not null, due_date date not null, paid_at timestamptz,
    net_amount numeric(10, 2), vat_rate numeric(4, 2), vat_amount numeric(10, 2), gross_amount numeric(10, 2),
    paid_amount numeric(10, 2), balance_due numeric(10, 2)
);
create table employees (
    id serial primary key, birth_date date, hire_date date not null, termination_date date
);
create table bestellungen (
    id serial primary key, bestelldatum timestamptz not null, bezahlt_am timestamptz, versendet_am timestamptz,
    geliefert_am timestamptz, erstellt_am timestamptz, geaendert_am timestamptz,
    status text check (status in ('offen', 'bezahlt', 'versendet', 'geliefert', 'storniert'))
);
create table bookings (
    id serial primary key, check_in date not null, check_out date not null, nights int,
    price_per_night numeric(8, 2), total_price numeric(10, 2)
);
