create table customers (
    id int primary key,
    first_name text not null,
    last_name text not null,
    email varchar(120) not null unique,
    plan text,
    loyalty int not null check (loyalty between 0 and 1000),
    reference varchar(12),
    signed_up_at timestamptz not null,
    notes text
);

create table orders (
    id int primary key,
    customer_id int not null references customers,
    referred_by int references customers,
    status text not null check (status in ('pending', 'paid', 'shipped', 'delivered', 'cancelled')),
    ordered_at timestamptz not null,
    shipped_at timestamptz,
    total numeric(12, 2) not null
);

create table order_lines (
    order_id int not null references orders,
    line_no int not null,
    product text not null,
    quantity int not null,
    unit_price numeric(10, 2) not null,
    line_total numeric(12, 2) not null,
    primary key (order_id, line_no)
);
