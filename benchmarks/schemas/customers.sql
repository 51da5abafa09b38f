create table customers (
    id bigint primary key, first_name text not null, last_name text not null, email text not null unique,
    phone varchar(24) not null, company text not null, street text not null, city text not null,
    postal_code varchar(12) not null, country_code char(2) not null, birth_date date not null,
    created_at timestamptz not null
);
