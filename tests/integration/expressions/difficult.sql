-- Tables whose checks lean on each other: written to be difficult, after what people write.

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('draft', 'placed', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded')),
  placed_at timestamptz,
  paid_at timestamptz,
  shipped_at timestamptz,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  subtotal numeric(12, 2) NOT NULL CHECK (subtotal >= 0),
  tax numeric(12, 2) NOT NULL CHECK (tax >= 0),
  shipping numeric(12, 2) NOT NULL DEFAULT 0 CHECK (shipping >= 0),
  total numeric(12, 2) NOT NULL,
  currency char(3) NOT NULL CHECK (currency = upper(currency)
                               AND currency ~ '^[A-Z]{3}$'),
  CHECK (total = subtotal + tax + shipping),
  CHECK ((status = 'draft') = (placed_at IS NULL)),
  CHECK (status NOT IN ('paid', 'shipped', 'delivered', 'refunded')
      OR paid_at IS NOT NULL),
  CHECK (status NOT IN ('shipped', 'delivered')
      OR shipped_at IS NOT NULL),
  CHECK (status <> 'delivered'
      OR delivered_at IS NOT NULL),
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
  CHECK (paid_at IS NULL
      OR paid_at >= placed_at),
  CHECK (shipped_at IS NULL
      OR shipped_at >= paid_at),
  CHECK (delivered_at IS NULL
      OR delivered_at > shipped_at)
);

CREATE TABLE bookings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  CONSTRAINT a CHECK (end_at > start_at),
  CONSTRAINT b CHECK (EXTRACT(EPOCH FROM end_at - start_at) >= 3600),
  CONSTRAINT c CHECK (CAST(EXTRACT(EPOCH FROM end_at - start_at) AS bigint) % 1800 = 0),
  CONSTRAINT d CHECK (CAST(EXTRACT(EPOCH FROM start_at) AS bigint) % 1800 = 0),
  CONSTRAINT e CHECK (end_at <= start_at + CAST('8 hours' AS interval)),
  guests smallint NOT NULL CHECK (guests BETWEEN 1 AND 12),
  adults smallint NOT NULL,
  children smallint NOT NULL DEFAULT 0,
  CONSTRAINT f CHECK (adults + children = guests
                  AND adults >= 1
                  AND children >= 0)
);

CREATE TABLE ledger (
  id serial PRIMARY KEY,
  debit numeric(14, 2) NOT NULL DEFAULT 0,
  credit numeric(14, 2) NOT NULL DEFAULT 0,
  CONSTRAINT one_side CHECK ((debit > 0
                          AND credit = 0)
                          OR (credit > 0
                          AND debit = 0)),
  kind text NOT NULL CHECK (kind IN ('invoice', 'payment', 'adjustment')),
  invoice_ref text,
  payment_ref text,
  note text,
  CHECK (CASE kind
           WHEN 'invoice'
             THEN invoice_ref IS NOT NULL
              AND payment_ref IS NULL
           WHEN 'payment'
             THEN payment_ref IS NOT NULL
              AND invoice_ref IS NULL
           ELSE note IS NOT NULL
            AND length(trim(BOTH FROM note)) >= 5
         END),
  CHECK (invoice_ref IS NULL
      OR invoice_ref ~ '^INV-[0-9]{6}$'),
  CHECK (payment_ref IS NULL
      OR payment_ref LIKE 'PAY-%')
);

CREATE TABLE discounts (
  id integer PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code = upper(btrim(code))
                               AND length(code) BETWEEN 4 AND 12
                               AND code ~ '^[A-Z0-9]+$'),
  type text NOT NULL CHECK (type IN ('percent', 'fixed', 'free_shipping')),
  percent numeric(5, 2),
  amount_cents integer,
  currency text,
  CHECK ((type = 'percent') = (percent IS NOT NULL)),
  CHECK (percent IS NULL
      OR (percent > 0
      AND percent <= 100)),
  CHECK ((type = 'fixed') = (amount_cents IS NOT NULL)),
  CHECK (amount_cents > 0),
  CHECK ((amount_cents IS NULL) = (currency IS NULL)),
  CHECK (currency IS NULL
      OR currency IN ('EUR', 'USD', 'GBP')),
  starts_on date NOT NULL,
  ends_on date,
  CHECK (ends_on IS NULL
      OR ends_on BETWEEN starts_on AND starts_on + 365),
  max_uses integer CHECK (max_uses IS NULL
                       OR max_uses >= 1),
  used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
  CHECK (max_uses IS NULL
      OR used <= max_uses)
);

CREATE TABLE events (
  id integer PRIMARY KEY,
  year smallint CHECK (year BETWEEN 1900 AND 2100),
  month smallint CHECK (month BETWEEN 1 AND 12),
  day smallint CHECK (day BETWEEN 1 AND 31),
  CHECK (month IS NOT NULL
      OR day IS NULL),
  CHECK (year IS NOT NULL
      OR month IS NULL),
  CHECK (day IS NULL
      OR month NOT IN (4, 6, 9, 11)
      OR day <= 30),
  CHECK (day IS NULL
      OR month <> 2
      OR day <= 28),
  tz text NOT NULL CHECK (tz ~ '^[A-Z][a-z]+/[A-Z][a-z_]+$')
);

CREATE TABLE media (
  id integer PRIMARY KEY,
  mime text NOT NULL CHECK (mime ~ '^(image|video|audio)/[a-z0-9.+-]+$'),
  width integer,
  height integer,
  duration_s integer,
  bytes bigint NOT NULL CHECK (bytes > 0
                           AND bytes <= 5368709120),
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  hex text NOT NULL CHECK (hex ~ '^[0-9a-f]{64}$'),
  CHECK ((width IS NULL) = (height IS NULL)),
  CHECK (mime NOT LIKE 'image/%'
      OR width IS NOT NULL),
  CHECK (mime LIKE 'image/%'
      OR duration_s > 0),
  meta jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(meta) = 'object'
                                      AND octet_length(CAST(meta AS text)) <= 8192),
  tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 8
                                       AND array_position(tags, NULL) IS NULL),
  alt text CHECK (alt IS NULL
               OR (length(alt) <= 200
               AND alt = btrim(alt)
               AND alt <> ''))
);

CREATE TABLE subscriptions (
  id integer PRIMARY KEY,
  plan text NOT NULL CHECK (plan IN ('free', 'pro', 'team')),
  seats integer NOT NULL DEFAULT 1 CHECK (seats > 0),
  price_cents integer NOT NULL CHECK (price_cents >= 0),
  CHECK ((plan = 'free') = (price_cents = 0)),
  CHECK (plan <> 'pro'
      OR seats = 1),
  CHECK (plan <> 'team'
      OR seats BETWEEN 2 AND 500),
  period_start date NOT NULL CHECK (EXTRACT(DAY FROM period_start) = 1),
  period_end date NOT NULL,
  CHECK (period_end = CAST(period_start + CAST('1 month' AS interval) - CAST('1 day' AS interval) AS date)),
  trial_ends_at timestamptz,
  cancel_at timestamptz,
  state text NOT NULL,
  CHECK (state IN ('trialing', 'active', 'past_due', 'canceled')),
  CHECK ((state = 'trialing') = (trial_ends_at IS NOT NULL)),
  CHECK (state <> 'canceled'
      OR cancel_at IS NOT NULL)
);

CREATE TABLE geo (
  id integer PRIMARY KEY,
  lat double precision CHECK (lat BETWEEN -90 AND 90),
  lon double precision CHECK (lon BETWEEN -180 AND 180),
  CHECK ((lat IS NULL) = (lon IS NULL)),
  alt_m real CHECK (alt_m > -500
                AND alt_m < 9000),
  accuracy numeric(6, 2) CHECK (accuracy > 0),
  zoom integer CHECK (zoom >= 0
                  AND zoom < 23),
  CHECK (num_nonnulls(lat, accuracy) IN (0, 2)),
  postal text CHECK (postal ~ '^\d{5}(-\d{4})?$'),
  ip inet CHECK (family(ip) = 4),
  net cidr CHECK (masklen(net) <= 24),
  age_range int4range CHECK (lower(age_range) >= 0
                         AND upper(age_range) <= 120
                         AND NOT isempty(age_range))
);

CREATE TABLE polymorphic (
  id integer PRIMARY KEY,
  a integer,
  b integer,
  c integer,
  d integer,
  e integer,
  f integer,
  CHECK (num_nonnulls(a, b, c, d, e, f) = 1),
  kind text NOT NULL,
  CHECK (kind = CASE
                  WHEN a IS NOT NULL
                    THEN 'a'
                  WHEN b IS NOT NULL
                    THEN 'b'
                  WHEN c IS NOT NULL
                    THEN 'c'
                  WHEN d IS NOT NULL
                    THEN 'd'
                  WHEN e IS NOT NULL
                    THEN 'e'
                  ELSE 'f'
                END)
);

CREATE TABLE thresholds (
  id integer PRIMARY KEY,
  min_v integer NOT NULL,
  low integer NOT NULL,
  high integer NOT NULL,
  max_v integer NOT NULL,
  CHECK (min_v < low
     AND low < high
     AND high < max_v),
  CHECK (max_v <= 1000),
  CHECK (min_v >= 0),
  pct_a numeric(5, 2) NOT NULL CHECK (pct_a >= 0),
  pct_b numeric(5, 2) NOT NULL CHECK (pct_b >= 0),
  pct_c numeric(5, 2) NOT NULL CHECK (pct_c >= 0),
  CHECK (pct_a + pct_b + pct_c = 100),
  step integer NOT NULL CHECK (step > 0
                           AND step % 5 = 0),
  opens time NOT NULL,
  closes time NOT NULL,
  CHECK (opens < closes),
  CHECK (opens >= '06:00'
     AND closes <= '23:00'),
  weekdays integer[] NOT NULL CHECK (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]
                                 AND cardinality(weekdays) BETWEEN 1 AND 7)
);

CREATE DOMAIN email AS text CHECK (value ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$') CHECK (length(value) <= 80) CHECK (value = lower(value));

CREATE DOMAIN positive AS integer CHECK (value > 0);

CREATE TABLE people (
  id positive PRIMARY KEY,
  mail email NOT NULL UNIQUE,
  backup_mail email CHECK (backup_mail <> mail),
  first text NOT NULL CHECK (first <> ''
                         AND first !~ '[0-9]'),
  last text CHECK (last IS DISTINCT FROM first),
  full_name text NOT NULL CHECK (full_name = COALESCE(first || ' ' || last,
                                                      first)),
  born date NOT NULL CHECK (born > '1900-01-01'
                        AND born <= CURRENT_DATE),
  died date CHECK (died >= born
               AND died <= CURRENT_DATE),
  hired date CHECK (hired >= born + CAST('16 years' AS interval)),
  manager_id integer CHECK (manager_id <> id),
  nick text CHECK (nick ~ '^[a-z][a-z0-9_]{2,15}$'
               AND nick NOT IN ('admin', 'root')),
  phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
  locale char(5) CHECK (locale ~ '^[a-z]{2}-[A-Z]{2}$'),
  CHECK (died IS NULL
      OR hired IS NULL
      OR died >= hired),
  website text CHECK (website ~* '^https?://[^\s/$.?#].[^\s]*$'),
  iban text CHECK (length(replace(iban, ' ', '')) BETWEEN 15 AND 34)
);

CREATE SCHEMA constant;

CREATE FUNCTION constant.kinds()
RETURNS text[]
AS $$select array['article','video']$$
LANGUAGE sql IMMUTABLE;

CREATE FUNCTION is_slug(text)
RETURNS boolean
AS $$ select $1 ~ '^[a-z0-9]+(-[a-z0-9]+)*$' $$
LANGUAGE sql IMMUTABLE RETURNS NULL ON NULL INPUT;

CREATE FUNCTION valid_span(a date,
                           b date)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$ begin if a is null or b is null then return true; end if; if b < a then return false; end if; return b - a <= 90; end $$;

CREATE FUNCTION json_has(j jsonb,
                         k text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN j ? k;

CREATE DOMAIN kind AS text CHECK (value = ANY(constant.kinds()));

CREATE DOMAIN slug AS varchar(40) CHECK (is_slug(value));

CREATE DOMAIN pct AS numeric(5, 2) CHECK (value >= 0
                                      AND value <= 100);

CREATE DOMAIN us_zip AS text CHECK (value ~ '^\d{5}$'
                                 OR value ~ '^\d{5}-\d{4}$');

CREATE TABLE posts (
  id integer PRIMARY KEY,
  kind kind NOT NULL,
  slug slug NOT NULL UNIQUE,
  zip us_zip,
  share pct NOT NULL,
  body text NOT NULL CHECK (char_length(body) BETWEEN 20 AND 400),
  published_from date,
  published_to date,
  CHECK (valid_span(published_from, published_to)),
  data jsonb NOT NULL CHECK (json_has(data, 'title')) CHECK (jsonb_typeof(data -> 'title') = 'string'
                                                         AND length(data ->> 'title') > 0),
  views bigint NOT NULL DEFAULT 0 CHECK (views >= 0),
  score real CHECK (score BETWEEN 0 AND 1),
  CHECK ((published_from IS NULL) = (published_to IS NULL))
);

CREATE TABLE sched (
  id integer PRIMARY KEY,
  day_of_week smallint CHECK (day_of_week BETWEEN 0 AND 6),
  day_of_month smallint CHECK (day_of_month BETWEEN 1 AND 31),
  freq text NOT NULL CHECK (freq IN ('daily', 'weekly', 'monthly')),
  CHECK (freq <> 'weekly'
      OR day_of_week IS NOT NULL),
  CHECK (freq <> 'monthly'
      OR day_of_month IS NOT NULL),
  CHECK (freq = 'weekly'
      OR day_of_week IS NULL),
  CHECK (freq = 'monthly'
      OR day_of_month IS NULL),
  at time NOT NULL,
  month_start date NOT NULL CHECK (month_start = date_trunc('month', month_start)),
  week_start date NOT NULL CHECK (EXTRACT(ISODOW FROM week_start) = 1),
  slot timestamptz NOT NULL CHECK (date_trunc('hour', slot) = slot),
  quarter date CHECK (CAST(date_trunc('quarter', quarter) AS date) = quarter)
);

CREATE TABLE acct (
  id integer PRIMARY KEY,
  parent_id integer CHECK (parent_id IS NULL
                        OR parent_id <> id),
  level integer NOT NULL CHECK (level BETWEEN 1 AND 5),
  code text NOT NULL,
  CHECK (char_length(code) = level * 2),
  balance numeric NOT NULL,
  lim numeric,
  CHECK (lim IS NULL
      OR balance <= lim),
  iso2 char(2),
  iso3 char(3),
  CHECK (iso2 IS NULL
      OR (iso3 IS NOT NULL
      AND "left"(iso3, 2) = iso2)),
  a1 text,
  a2 text,
  a3 text,
  CHECK (a1 IS NOT NULL
      OR (a2 IS NULL
      AND a3 IS NULL)),
  CHECK (a2 IS NOT NULL
      OR a3 IS NULL),
  CHECK (a1 IS NULL
      OR a1 <> ''),
  pw text NOT NULL CHECK (length(pw) >= 12
                      AND pw ~ '[A-Z]'
                      AND pw ~ '[a-z]'
                      AND pw ~ '[0-9]'
                      AND pw ~ '[^A-Za-z0-9]')
);

CREATE TABLE net (
  id integer PRIMARY KEY,
  mac macaddr NOT NULL,
  cidr cidr NOT NULL CHECK (masklen(cidr) BETWEEN 8 AND 30),
  v integer CHECK (v IN (4, 6)),
  addr inet,
  CHECK (addr IS NULL
      OR v IS NULL
      OR family(addr) = v),
  port integer NOT NULL CHECK (port > 0
                           AND port < 65536),
  host text NOT NULL CHECK (host ~ '^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)+[a-z]{2,}$'
                        AND length(host) <= 63),
  proto text CHECK (proto = lower(proto)) CHECK (proto IN ('tcp', 'udp', 'ICMP')),
  bits pg_catalog.bit(8) NOT NULL CHECK (bits <> b'00000000'),
  flags integer NOT NULL CHECK (flags & 1 = 0),
  hexid text CHECK (hexid ~ '^0x[0-9A-F]{4,8}$'
                AND length(hexid) % 2 = 0)
);

CREATE TABLE money_t (
  id integer PRIMARY KEY,
  unit_price numeric(10, 2) NOT NULL CHECK (unit_price > 0),
  qty integer NOT NULL CHECK (qty BETWEEN 1 AND 99),
  discount_pct numeric(4, 1) NOT NULL DEFAULT 0 CHECK (discount_pct BETWEEN 0 AND 100),
  line_total numeric(12, 2) NOT NULL CHECK (line_total = round(unit_price * qty * (1 - discount_pct / 100),
                                                               2)),
  tax_rate numeric(4, 3) NOT NULL CHECK (tax_rate IN (0, 0.07, 0.19)),
  tax numeric(12, 2) GENERATED ALWAYS AS (round(unit_price * qty * tax_rate,
                                                2)) STORED,
  paid numeric(12, 2) NOT NULL DEFAULT 0 CHECK (paid >= 0),
  CHECK (paid <= line_total),
  remaining numeric(12, 2) CHECK (remaining = line_total - paid),
  fx numeric(18, 8) CHECK (fx > 0),
  cur text NOT NULL CHECK (cur ~ '^[A-Z]{3}$')
);

CREATE TABLE ranges (
  id integer PRIMARY KEY,
  valid tstzrange NOT NULL CHECK (NOT isempty(valid)
                              AND lower_inc(valid)
                              AND NOT upper_inc(valid)
                              AND NOT lower_inf(valid)),
  ages int4range CHECK (lower(ages) >= 0
                    AND upper(ages) <= 120),
  price numrange CHECK (lower(price) > 0),
  stay daterange NOT NULL CHECK (upper(stay) - lower(stay) BETWEEN 1 AND 30),
  CHECK (upper(valid) > lower(valid)),
  seats int4multirange,
  days integer[] CHECK (1 <= ALL(days)
                    AND 31 >= ALL(days)),
  labels text[] CHECK (array_length(labels, 1) BETWEEN 1 AND 3) CHECK (array_to_string(labels, '') !~ '[0-9]'),
  grid integer[][]
);
