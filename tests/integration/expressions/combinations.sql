-- Checks that meet keys, partial keys, references and each other on the same columns.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TYPE phase AS ENUM ('draft','active','closed');
CREATE TABLE c01_customers(id int PRIMARY KEY, kind text NOT NULL CHECK (kind IN ('person','company')), vat_no text, birth date, CHECK ((kind = 'company') = (vat_no IS NOT NULL)), CHECK (kind = 'person' OR birth IS NULL), UNIQUE (id, kind), UNIQUE (vat_no));
CREATE TABLE c01_orders(id int PRIMARY KEY, customer_id int NOT NULL, customer_kind text NOT NULL CHECK (customer_kind = 'company'), net numeric(10,2) NOT NULL CHECK (net > 0), gross numeric(10,2) NOT NULL, CHECK (gross >= net AND gross <= net * 1.25), FOREIGN KEY (customer_id, customer_kind) REFERENCES c01_customers (id, kind));
CREATE TABLE c02_emp(id int PRIMARY KEY, boss int REFERENCES c02_emp, grade int NOT NULL CHECK (grade BETWEEN 1 AND 9), top boolean NOT NULL, CHECK (boss <> id), CHECK (top = (boss IS NULL)));
CREATE TABLE c03_user(id int PRIMARY KEY);
CREATE TABLE c03_friend(a int NOT NULL REFERENCES c03_user, b int NOT NULL REFERENCES c03_user, since date NOT NULL, until date, PRIMARY KEY (a, b), CHECK (a < b), CHECK (until > since));
CREATE TABLE c04_u(id int PRIMARY KEY);
CREATE TABLE c04_addr(id int PRIMARY KEY, owner int NOT NULL REFERENCES c04_u, is_primary boolean NOT NULL, archived boolean NOT NULL, CHECK (NOT (is_primary AND archived)));
CREATE TABLE c05_plan(id int PRIMARY KEY, name text NOT NULL, status phase NOT NULL, starts date NOT NULL, ends date, code text NOT NULL, CHECK (status <> 'closed' OR ends IS NOT NULL), CHECK (ends IS NULL OR ends > starts), CHECK (code ~ '^[A-Z]{3}-[0-9]{3}$'));
CREATE UNIQUE INDEX c05_u ON c05_plan (code) WHERE status = 'active';
CREATE TABLE c06_t(id int PRIMARY KEY, ref_a int, ref_b int, ref_type text NOT NULL, CHECK (num_nonnulls(ref_a, ref_b) = 1), CHECK ((ref_type = 'a') = (ref_a IS NOT NULL)), CHECK (ref_type IN ('a','b')), UNIQUE (ref_a), UNIQUE (ref_b));
CREATE TABLE c07_p(id int PRIMARY KEY, x int);
CREATE TABLE c07_c(id int PRIMARY KEY, p1 int REFERENCES c07_p, p2 int REFERENCES c07_p, p3 int NOT NULL REFERENCES c07_p, CHECK (p1 IS DISTINCT FROM p2), CHECK (p3 <> p1), CHECK (p1 IS NOT NULL OR p2 IS NOT NULL), UNIQUE (p1, p3));
CREATE TABLE c08_slots(id int PRIMARY KEY, room int NOT NULL CHECK (room BETWEEN 1 AND 5), during tsrange NOT NULL, cancelled boolean NOT NULL DEFAULT false, CHECK (upper(during) - lower(during) BETWEEN interval '15 minutes' AND interval '4 hours'), EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT cancelled));
CREATE TABLE c09_ver(doc int NOT NULL, version int NOT NULL CHECK (version > 0), prev int, is_latest boolean NOT NULL, PRIMARY KEY (doc, version), CHECK (prev = version - 1), CHECK ((version = 1) = (prev IS NULL)));
CREATE UNIQUE INDEX c09_latest ON c09_ver (doc) WHERE is_latest;
CREATE TABLE c10_acc(id int PRIMARY KEY, currency char(3) NOT NULL CHECK (currency IN ('EUR','USD','CHF')), UNIQUE (id, currency));
CREATE TABLE c10_tx(id int PRIMARY KEY, src int NOT NULL, dst int NOT NULL, currency char(3) NOT NULL, fx numeric(8,4), CHECK (src <> dst), CHECK ((currency = 'EUR') = (fx IS NULL)), CHECK (fx > 0), FOREIGN KEY (src, currency) REFERENCES c10_acc (id, currency), FOREIGN KEY (dst, currency) REFERENCES c10_acc (id, currency));
CREATE TABLE c11_pay(id int PRIMARY KEY, method text NOT NULL CHECK (method IN ('card','iban','cash')), card_last4 char(4), iban text, paid_at timestamptz, refunded_at timestamptz, refund numeric(8,2), amount numeric(8,2) NOT NULL CHECK (amount > 0), CHECK (CASE method WHEN 'card' THEN card_last4 IS NOT NULL AND iban IS NULL WHEN 'iban' THEN iban IS NOT NULL AND card_last4 IS NULL ELSE card_last4 IS NULL AND iban IS NULL END), CHECK (card_last4 ~ '^[0-9]{4}$'), CHECK ((refunded_at IS NULL) = (refund IS NULL)), CHECK (refund <= amount), CHECK (refunded_at > paid_at), CHECK (refunded_at IS NULL OR paid_at IS NOT NULL));
CREATE TABLE c12_seat(id int PRIMARY KEY, hall int NOT NULL, row_no int NOT NULL CHECK (row_no BETWEEN 1 AND 20), seat_no int NOT NULL CHECK (seat_no BETWEEN 1 AND 30), label text NOT NULL, CHECK (label = chr(64 + row_no) || seat_no), UNIQUE (hall, row_no, seat_no), UNIQUE (hall, label));
CREATE TABLE c14_m(id int PRIMARY KEY, tenant int NOT NULL, email text NOT NULL, username text, deleted_at timestamptz, disabled boolean NOT NULL, CHECK (deleted_at IS NULL OR disabled), CHECK (email = lower(email)), CHECK (username IS NULL OR username ~ '^[a-z][a-z0-9_]{2,15}$'));
CREATE UNIQUE INDEX c14_u1 ON c14_m (tenant, lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX c14_u2 ON c14_m (tenant, username) WHERE deleted_at IS NULL AND username IS NOT NULL;
CREATE TABLE c15_price(id int PRIMARY KEY, product int NOT NULL, tier smallint NOT NULL CHECK (tier IN (1,2,3)), min_qty int NOT NULL, max_qty int, price numeric(8,2) NOT NULL CHECK (price > 0), list numeric(8,2), CHECK (max_qty > min_qty), CHECK (min_qty > 0), CHECK (list IS NULL OR price <= list), CHECK (tier = 1 OR list IS NOT NULL), UNIQUE (product, tier, min_qty));
CREATE TABLE c16_a(code text PRIMARY KEY CHECK (split_part(code, ':', 1) IN ('eu','us') AND split_part(code, ':', 2) ~ '^[0-9]{4}$'));
CREATE TABLE c16_b(id int PRIMARY KEY, code text NOT NULL REFERENCES c16_a, region text NOT NULL, CHECK (region = split_part(code, ':', 1)));
CREATE TABLE c17_msg(id int PRIMARY KEY, body jsonb NOT NULL, kind text NOT NULL CHECK (kind IN ('sms','mail')), CHECK (body ->> 'kind' = kind), CHECK (kind <> 'sms' OR length(body ->> 'text') <= 160), CHECK (body ? 'text'), dedup text GENERATED ALWAYS AS (body ->> 'text') STORED);
CREATE TABLE c18_x(id int PRIMARY KEY, lo int NOT NULL, mid int, hi int NOT NULL, CHECK (lo < hi), CHECK (mid BETWEEN lo AND hi), CHECK (hi - lo <= 100), CHECK (mid IS NOT NULL OR hi - lo < 10), UNIQUE (lo, hi));
CREATE TABLE c19_ord(id int PRIMARY KEY, state text NOT NULL CHECK (state IN ('open','paid','sent','done')), paid_on date, sent_on date, done_on date, CHECK (state = 'open' OR paid_on IS NOT NULL), CHECK (state NOT IN ('sent','done') OR sent_on IS NOT NULL), CHECK (state <> 'done' OR done_on IS NOT NULL), CHECK (sent_on >= paid_on), CHECK (done_on >= sent_on), CHECK (sent_on IS NULL OR paid_on IS NOT NULL), CHECK (done_on IS NULL OR sent_on IS NOT NULL));
CREATE TABLE c20_f(id int PRIMARY KEY, first text, last text, company text, display text NOT NULL, CHECK (display = COALESCE(company, first || ' ' || last)), CHECK (company IS NOT NULL OR (first IS NOT NULL AND last IS NOT NULL)));
-- Checks whose functions look at the row that a reference leads to.
CREATE TYPE role_type AS ENUM ('User','Machine','Admin');
CREATE TABLE l1_roles(id varchar(21) PRIMARY KEY, type role_type NOT NULL, name text NOT NULL);
CREATE FUNCTION check_role(role_id varchar(21), target role_type) RETURNS boolean AS $$ begin return (select type from public.l1_roles where id = role_id) = target; end; $$ LANGUAGE plpgsql;
CREATE FUNCTION check_any(role_id varchar(21), VARIADIC target role_type[]) RETURNS boolean AS $$ begin return (select type from public.l1_roles where id = role_id) = any(target); end; $$ LANGUAGE plpgsql set search_path = public;
CREATE TABLE l1_users(id int PRIMARY KEY, role_id varchar(21) NOT NULL REFERENCES l1_roles, CHECK (check_role(role_id, 'User')));
CREATE TABLE l1_apps(id int PRIMARY KEY, role_id varchar(21) REFERENCES l1_roles, other varchar(21) NOT NULL REFERENCES l1_roles, CHECK (check_any(role_id, 'Machine', 'Admin')), CONSTRAINT other_ok CHECK (check_any(other, 'User', 'Admin') AND check_role(other, 'Admin')));
CREATE TABLE l1_one(role_id varchar(21) PRIMARY KEY REFERENCES l1_roles, CHECK (check_role(role_id, 'Admin')));
-- Documents that have the value of a key, and of a reference that is one.
CREATE TABLE d1_batches(number bigint PRIMARY KEY);
CREATE TABLE d1_commits(l1_batch_number bigint PRIMARY KEY REFERENCES d1_batches, certificate jsonb NOT NULL, CHECK ((certificate->'message'->'number')::jsonb::numeric = l1_batch_number));
CREATE TABLE d1_notes(id int PRIMARY KEY, batch bigint NOT NULL REFERENCES d1_batches, slug text NOT NULL UNIQUE, body jsonb, CHECK ((body->'number')::numeric = batch), CHECK (slug = body->'head'->>'slug'), CHECK (body IS NOT NULL OR batch > 3));
-- Ranges both of whose ends are given, bytes that begin as their format does, days as a zone's clocks have them.
CREATE TABLE e1_years(id int PRIMARY KEY CHECK (id BETWEEN 1900 AND 2200), period daterange NOT NULL, days int NOT NULL, CHECK (lower(period) = make_date(id, 1, 1) AND upper(period) = make_date(id + 1, 1, 1)), CHECK (days = upper(period) - lower(period)));
CREATE TABLE e1_weeks(id int PRIMARY KEY, starts date NOT NULL UNIQUE, span daterange NOT NULL, CHECK (lower(span) = starts), CHECK (upper(span) = starts + 7));
CREATE TABLE e1_files(id int PRIMARY KEY, body bytea NOT NULL CHECK (substring(body from 1 for 4) = '\x25504446'), tail bytea CHECK (substr(tail, length(tail) - 1) = '\x0d0a'));
CREATE TABLE e1_taps(id int PRIMARY KEY, at timestamptz NOT NULL, day date NOT NULL, hour int NOT NULL, closed date, CHECK (day = (at AT TIME ZONE 'Europe/Berlin')::date), CHECK (hour = extract(hour from at AT TIME ZONE 'America/New_York')), CHECK (closed >= (at AT TIME ZONE 'Asia/Tokyo')::date));
-- Documents told by a path's pattern, with a key that has to be missing; columns computed of documents without an error.
CREATE TABLE f1_variants(sku text GENERATED ALWAYS AS (attrs->>'sku') STORED PRIMARY KEY, attrs jsonb NOT NULL CHECK (attrs @? '$.sku ? (@ like_regex "^[A-Z]{2}[0-9]{4}$")'), price_cents int GENERATED ALWAYS AS (((attrs->>'price')::numeric * 100)::int) STORED, CHECK ((attrs->>'price')::numeric > 0));
CREATE TABLE f1_settings(id int PRIMARY KEY, prefs jsonb NOT NULL, CHECK (prefs ?| ARRAY['theme','locale']), CHECK (NOT prefs ? 'password'), CHECK (coalesce(prefs->>'theme','light') IN ('light','dark')), CHECK (jsonb_path_match(prefs, 'exists($.limits) && $.limits.max > 0 && $.limits.max <= 100')));
CREATE TABLE f1_rates(id int PRIMARY KEY, done int NOT NULL, total int NOT NULL CHECK (total BETWEEN 0 AND 3), share numeric GENERATED ALWAYS AS (done::numeric / total) STORED);
-- Trees whose paths are keys: the first row is its own parent where nothing else serves.
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE TABLE f2_pages(id int PRIMARY KEY, path varchar(255) NOT NULL UNIQUE CHECK (path ~ '^[0-9A-Z]+$'), depth int NOT NULL CHECK (depth >= 0), CHECK (length(path) = depth * 4));
CREATE TABLE f2_taxa(id int PRIMARY KEY, parent_id int REFERENCES f2_taxa, path ltree NOT NULL UNIQUE, depth int NOT NULL, CHECK (nlevel(path) = depth), CHECK (depth BETWEEN 1 AND 6), CHECK ((parent_id IS NULL) = (depth = 1)));
CREATE TABLE f2_replies(id int PRIMARY KEY, path ltree NOT NULL CHECK (nlevel(path) BETWEEN 2 AND 51 AND path ~ '0.*'), thread ltree, CHECK (subpath(path, -1, 1)::text = id::text), CHECK (path <@ '0'), CHECK (thread <@ path));
-- Networks: of a family, with masks of some lengths, within one another, none over another.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE g1_blocks(id int PRIMARY KEY, ip inet NOT NULL UNIQUE, six inet CHECK (family(six) = 6), lan cidr CHECK (masklen(lan) >= 24), net6 cidr CHECK (masklen(net6) IN (48, 56)), CHECK (family(ip) = 4 AND masklen(ip) BETWEEN 8 AND 32));
CREATE TABLE g1_vpcs(id int PRIMARY KEY, net cidr NOT NULL UNIQUE CHECK (family(net) = 4 AND masklen(net) BETWEEN 16 AND 24 AND net << inet '10.0.0.0/8'), host inet UNIQUE CHECK (host <<= '192.168.0.0/16' AND masklen(host) = 32));
CREATE TABLE g1_subnets(id int PRIMARY KEY, block cidr NOT NULL, gateway inet NOT NULL, CHECK (gateway << block), CHECK (masklen(block) = 24), CHECK (host(gateway) <> host(network(block))), EXCLUDE USING gist (block inet_ops WITH &&));
-- Lists that begin or end with another column's value, and days of a year between two others.
CREATE TABLE h1_routes(id int PRIMARY KEY, stops int[] NOT NULL, path text[] NOT NULL, first_stop int NOT NULL REFERENCES g1_blocks, CHECK (stops[1] = first_stop AND cardinality(stops) >= 2), CHECK (path[cardinality(path)] = id::text AND array_length(path, 1) BETWEEN 2 AND 5));
CREATE TABLE h1_pupils(id int PRIMARY KEY, year int NOT NULL REFERENCES e1_years, grade int NOT NULL CHECK (grade BETWEEN 1 AND 13), born date NOT NULL, CHECK (extract(year FROM born) BETWEEN year - grade - 8 AND year - grade - 5));
-- Intervals in order, the shorter one in a key.
CREATE TABLE i1_frequencies(trip int, starts interval, ends interval NOT NULL, headway int NOT NULL CHECK (headway > 0 AND headway % 30 = 0), PRIMARY KEY (trip, starts), CHECK (ends > starts), CHECK (extract(epoch FROM ends - starts) >= headway));
-- Alternatives that are passed by what is NULL, where no value is left of both checks.
CREATE TABLE j1_mails(id int PRIMARY KEY, verified boolean CHECK (verified IS NOT FALSE), disavowed boolean NOT NULL, CHECK (NOT (verified AND disavowed)));
CREATE TABLE j1_steps(id int PRIMARY KEY, n int CHECK (n IN (1, 2)), m int NOT NULL CHECK (m IN (1, 2)), side text NOT NULL CHECK (side IN ('x', 'y')), CHECK (n = 3 OR side = 'x'), CHECK (m = 3 OR side = 'x' OR n IS NULL));

-- Keys of which a part is computed: picked by the other part, or by what the one column is computed from.
CREATE TABLE posts (id int PRIMARY KEY, kind text NOT NULL CHECK (kind = 'post'), UNIQUE (id, kind));
CREATE TABLE likes (
  id int PRIMARY KEY,
  post_id int,
  post_kind text GENERATED ALWAYS AS (CASE WHEN post_id IS NOT NULL THEN 'post' END) STORED,
  FOREIGN KEY (post_id, post_kind) REFERENCES posts (id, kind)
);
CREATE TABLE states (code text NOT NULL CHECK (code IN ('A', 'B')), n int NOT NULL CHECK (n BETWEEN 1 AND 900),
                     PRIMARY KEY (code, n));
CREATE TABLE regions (code text PRIMARY KEY CHECK (code = upper(code) AND length(code) = 3));
CREATE TABLE depots (
  id int PRIMARY KEY,
  raw varchar(3) NOT NULL,
  region text GENERATED ALWAYS AS (upper(raw)) STORED REFERENCES regions,
  n int NOT NULL,
  state text GENERATED ALWAYS AS (CASE WHEN n % 2 = 0 THEN 'A' ELSE 'B' END) STORED,
  FOREIGN KEY (state, n) REFERENCES states (code, n)
);

-- What is computed has room in its column: a product of three, one of a price, one that a check bounds.
CREATE TABLE crates (
  id int PRIMARY KEY,
  length int NOT NULL,
  width int NOT NULL,
  height int,
  volume int GENERATED ALWAYS AS (length * width * height) STORED,
  price numeric(8, 2) NOT NULL,
  qty int NOT NULL,
  total numeric(9, 2) GENERATED ALWAYS AS (price * qty) STORED,
  w int NOT NULL,
  h int NOT NULL,
  area int GENERATED ALWAYS AS (w * h) STORED,
  CHECK (area BETWEEN 100 AND 10000),
  CHECK (w > 0 AND h > 0)
);

-- Lengths of time in months, hours and days; whole numbers not too far apart; the digits that a number needs.
CREATE TABLE notices (
  id int PRIMARY KEY,
  notice interval NOT NULL CHECK (notice BETWEEN interval '1 month' AND interval '3 months'),
  grace interval CHECK (grace >= '9 hours' AND grace < '10 days' AND grace IN ('10 hours', '9 days', '1 month')),
  hue int NOT NULL CHECK (hue BETWEEN 1 AND 359),
  other int NOT NULL CHECK (other BETWEEN 1 AND 359),
  share numeric(7, 4) NOT NULL CHECK (share > 0 AND share <= 100 AND scale(trim_scale(share)) <= 2),
  part numeric(9, 4) CHECK (min_scale(part) <= 1),
  CHECK (abs(hue - other) >= 30 AND abs(hue - other) <= 330)
);

-- Paths of labels: below one, of so many, beginning and ending with one.
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE TABLE paths (
  id int PRIMARY KEY,
  below ltree NOT NULL CHECK (below <@ 'root.news' AND nlevel(below) BETWEEN 3 AND 5),
  starts ltree NOT NULL CHECK (subpath(starts, 0, 1) = 'root' AND nlevel(starts) = 4),
  ends ltree NOT NULL CHECK (subpath(ends, -1, 1) = 'leaf')
);
-- Conditions on generated columns, read as those on what they are computed of; documents that contain something.
CREATE TABLE k1_settings(id int PRIMARY KEY, doc jsonb NOT NULL CHECK (doc @> '{"v": 2, "of": {"a": "b"}}'), n int GENERATED ALWAYS AS ((doc->>'n')::int) STORED, CHECK (n IS NOT NULL), CHECK (n BETWEEN 1 AND 500), t text GENERATED ALWAYS AS (doc->'of'->>'t') STORED, CHECK (t ~ '^[A-Z]{3}$'));
CREATE TABLE k1_keyed(id int PRIMARY KEY, doc jsonb NOT NULL, n int GENERATED ALWAYS AS ((doc->>'n')::int) STORED UNIQUE, CHECK (n IS NOT NULL), CHECK (n BETWEEN 1 AND 500));
CREATE TABLE k1_boxes(id int PRIMARY KEY, w int NOT NULL CHECK (w > 0), h int NOT NULL CHECK (h > 0), ratio numeric GENERATED ALWAYS AS (round(w::numeric / h, 2)) STORED, kind text GENERATED ALWAYS AS (CASE WHEN w > h THEN 'wide' ELSE 'high' END) STORED, CHECK (ratio BETWEEN 0.5 AND 2.5), note text, CHECK (kind <> 'wide' OR note IS NULL));
-- Texts that begin with one column's value and end with another's, and arrays of a domain whose check is tested.
CREATE TABLE l1_labels(id int PRIMARY KEY, rev text NOT NULL CHECK (rev SIMILAR TO '(A|B|C)[0-9]'), fc varchar(4) NOT NULL CHECK (fc ~ '^[A-Z]{2,4}$'), label text NOT NULL CHECK (position(fc in label) = 1), CHECK (right(label, 2) = rev));
CREATE TABLE l1_codes(id int PRIMARY KEY, a char(2) NOT NULL, b char(3) NOT NULL, code text NOT NULL, CHECK (left(code, 2) = a), CHECK (substr(code, 3, 3) = b), CHECK (length(code) = 9));
CREATE TABLE l1_ends(id int PRIMARY KEY, a text NOT NULL, b text NOT NULL, label text NOT NULL, CHECK (starts_with(label, a)), CHECK (label LIKE '%' || b));
CREATE DOMAIN l1_slug AS text CHECK (VALUE = btrim(VALUE) AND VALUE ~ '^[a-z]+(-[a-z]+)*$' AND length(VALUE) < 12) NOT NULL;
CREATE TABLE l1_tagged(id int PRIMARY KEY, slugs l1_slug[] NOT NULL CHECK (cardinality(slugs) >= 1));
