CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'delivered', 'returned', 'cancelled');
CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_name text NOT NULL, last_name text NOT NULL, email text NOT NULL UNIQUE, phone text,
    country char(2), city text, gender text CHECK (gender IN ('f', 'm', 'x')), birth_date date,
    is_active boolean NOT NULL DEFAULT true, newsletter boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL
);
CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE products (
    id int PRIMARY KEY, category_id int NOT NULL REFERENCES categories, name text NOT NULL, sku text NOT NULL UNIQUE,
    size text, color text, price numeric(10, 2) NOT NULL CHECK (price > 0), stock int NOT NULL, discontinued_at timestamptz
);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status order_status NOT NULL,
    placed_at timestamptz NOT NULL, shipped_at timestamptz, total numeric(12, 2) NOT NULL, discount_pct numeric(5, 2),
    coupon text, channel text
);
CREATE TABLE order_items (
    id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, product_id int NOT NULL REFERENCES products,
    quantity int NOT NULL CHECK (quantity > 0), unit_price numeric(10, 2) NOT NULL
);
CREATE TABLE reviews (
    id int PRIMARY KEY, product_id int NOT NULL REFERENCES products, customer_id bigint REFERENCES customers,
    rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5), body text, created_at timestamptz NOT NULL
);
CREATE TABLE employees (id int PRIMARY KEY, first_name text, salary numeric(10, 2), hired_on date NOT NULL, department text);
