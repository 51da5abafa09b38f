CREATE TABLE organizations (id uuid PRIMARY KEY, name text NOT NULL, plan text NOT NULL, country_code char(2), created_at timestamptz NOT NULL);
CREATE TABLE users (
    id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, email text NOT NULL UNIQUE, role text NOT NULL,
    is_verified boolean NOT NULL, last_login_at timestamptz, locale text, created_at timestamptz NOT NULL
);
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations,
    status text NOT NULL CHECK (status IN ('trialing', 'active', 'past_due', 'cancelled')),
    seats int NOT NULL, price_cents int NOT NULL, started_at timestamptz NOT NULL, cancelled_at timestamptz
);
CREATE TABLE invoices (
    id uuid PRIMARY KEY, subscription_id uuid NOT NULL REFERENCES subscriptions, amount_cents int NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void')), issued_on date NOT NULL, paid_at timestamptz
);
CREATE TABLE events (id bigint PRIMARY KEY, user_id uuid NOT NULL REFERENCES users, event_type text NOT NULL, occurred_at timestamptz NOT NULL);
CREATE TABLE tickets (
    id int PRIMARY KEY, user_id uuid NOT NULL REFERENCES users, subject text NOT NULL,
    priority text NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    status text NOT NULL CHECK (status IN ('open', 'pending', 'closed')), created_at timestamptz NOT NULL
);
