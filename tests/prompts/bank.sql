CREATE TABLE clients (
    id bigint PRIMARY KEY, full_name text NOT NULL, city text, country_code char(2) NOT NULL, age int, income numeric(12, 2),
    joined_on date NOT NULL
);
CREATE TABLE accounts (
    id bigint PRIMARY KEY, client_id bigint NOT NULL REFERENCES clients,
    account_type text NOT NULL CHECK (account_type IN ('checking', 'savings', 'credit')), balance numeric(14, 2) NOT NULL,
    currency char(3) NOT NULL, is_frozen boolean NOT NULL DEFAULT false, opened_on date NOT NULL
);
CREATE TABLE transactions (
    id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, amount numeric(12, 2) NOT NULL, category text,
    status text NOT NULL CHECK (status IN ('pending', 'posted', 'failed', 'reversed')), booked_at timestamptz NOT NULL, memo text
);
CREATE TABLE loans (
    id int PRIMARY KEY, client_id bigint NOT NULL REFERENCES clients, purpose text, principal numeric(12, 2) NOT NULL,
    interest_rate numeric(5, 2) NOT NULL, approved boolean NOT NULL, granted_on date
);
