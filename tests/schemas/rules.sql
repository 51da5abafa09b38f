-- CHECKs in every way people write them: IN and ANY, BETWEEN, LIKE, regular expressions, lengths, arithmetic between
-- columns, dates and intervals, NULL combinations, implications, CASE, functions of the built-ins, casts.

CREATE TABLE number_rules (
    id int PRIMARY KEY,
    a int NOT NULL CHECK (a > 0),
    b int NOT NULL CHECK (b >= 10 AND b < 20),
    c int CHECK (c <> 0 AND c BETWEEN -5 AND 5),
    d int CHECK (d IN (2, 3, 5, 7, 11)),
    e int CHECK (e = ANY ('{10,20,30}'::int[])),
    f int CHECK (f % 2 = 1 AND f > 100 AND f < 1000),
    g int CHECK (mod(g, 25) = 0),
    h numeric(6, 2) CHECK (h > 0.005 AND h < 9.995),
    i numeric(8, 3) CHECK (i = round(i, 1)),
    j double precision CHECK (j >= 0::double precision AND j <= 1::double precision),
    k smallint CHECK (k NOT IN (1, 2, 3) AND k NOT BETWEEN 50 AND 32767 AND k >= 0),
    l bigint CHECK (l >= 1000000000000 AND l <= 9999999999999),
    m int CHECK (abs(m) <= 10),
    n int CHECK (n & 1 = 0 AND n >= 0),
    o int CHECK ((o >= 0) AND (o <= 9) OR (o >= 100) AND (o <= 109)),
    p int CHECK (p IS NULL OR p > 5),
    q int CHECK (q > 5 IS NOT FALSE),
    r numeric CHECK (r >= 0 AND scale(r) <= 2 AND r < 100000),
    s int CHECK (NOT (s < 0) AND NOT s > 7)
);

CREATE TABLE sum_rules (
    id int PRIMARY KEY,
    low int NOT NULL,
    high int NOT NULL,
    width int NOT NULL,
    part_a numeric(5, 2) NOT NULL,
    part_b numeric(5, 2) NOT NULL,
    part_c numeric(5, 2) NOT NULL,
    net numeric(10, 2) NOT NULL CHECK (net >= 0),
    vat numeric(10, 2) NOT NULL CHECK (vat >= 0),
    gross numeric(10, 2) NOT NULL,
    used int NOT NULL DEFAULT 0,
    quota int NOT NULL DEFAULT 10,
    CONSTRAINT ordered CHECK (low <= high),
    CONSTRAINT width_is_difference CHECK (width = high - low),
    CONSTRAINT bounded CHECK (low >= -1000 AND high <= 1000),
    CONSTRAINT whole CHECK (part_a + part_b + part_c = 100),
    CONSTRAINT parts_are_shares CHECK (LEAST(part_a, part_b, part_c) >= 0 AND GREATEST(part_a, part_b, part_c) <= 100),
    CONSTRAINT gross_is_sum CHECK (gross = net + vat),
    CONSTRAINT within_quota CHECK (used >= 0 AND used <= quota AND quota <= 500)
);

CREATE TABLE text_rules (
    id int PRIMARY KEY,
    trimmed text NOT NULL CHECK (trimmed = btrim(trimmed) AND trimmed <> ''),
    lowered varchar(40) NOT NULL CHECK (lower(lowered) = lowered),
    uppered varchar(12) CHECK (uppered = upper(uppered) AND char_length(uppered) >= 3),
    sized text CHECK (length(sized) BETWEEN 5 AND 9),
    fixed text CHECK (octet_length(fixed) = 4),
    liked text CHECK (liked LIKE 'ab\_%'),
    iliked text CHECK (iliked ILIKE '%.pdf'),
    hex text CHECK (hex ~ '^#[0-9a-fA-F]{6}$'),
    hex_i text CHECK (hex_i ~* '^[0-9a-f]{8}$'),
    not_digit text CHECK (not_digit !~ '[0-9]'),
    phone text CHECK (phone ~ '^\+[1-9]\d{6,14}$'),
    isbn text CHECK (isbn ~ '^97[89]-\d{1,5}-\d{1,7}-\d{1,6}-\d$' AND length(isbn) = 17),
    version text CHECK (version ~ '^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[a-z0-9]+)?$'),
    posix text CHECK (posix ~ '^[[:upper:]][[:lower:]]+( [[:upper:]][[:lower:]]+)*$'),
    alternation text CHECK (alternation ~ '^(foo|bar|baz)-(one|two)$'),
    similar_text text CHECK (similar_text SIMILAR TO '(A|B)[0-9]{3}%'),
    prefix text CHECK (starts_with(prefix, 'urn:') AND position(' ' IN prefix) = 0),
    email text CHECK (email ~* '^[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,}$' AND position('@' IN email) > 1),
    url text CHECK (url ~ '^https?://' AND length(url) <= 100),
    code text CHECK (substr(code, 1, 2) IN ('AA', 'BB') AND length(code) = 6),
    left_code char(8) CHECK ("left"(left_code, 3) = 'EU-'),
    single_line text CHECK (strpos(single_line, chr(10)) = 0),
    country char(2) NOT NULL DEFAULT 'DE' CHECK (country ~ '^[A-Z][A-Z]$'),
    unsure text CHECK (unsure IS NULL OR unsure = ANY (ARRAY['yes'::text, 'no'::text, 'maybe'::text])),
    cast_text varchar(5) CHECK ((cast_text)::text = ANY ((ARRAY['small'::character varying, 'large'::character varying])::text[]))
);

CREATE TABLE time_rules (
    id int PRIMARY KEY,
    born date NOT NULL CHECK (born > '1920-01-01'::date AND born <= '2010-12-31'::date),
    joined date NOT NULL,
    left_on date,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    due timestamptz,
    opens time NOT NULL,
    closes time NOT NULL,
    duration interval NOT NULL CHECK (duration > interval '1 minute' AND duration <= '08:00:00'::interval),
    month_start date CHECK (date_trunc('month', month_start::timestamp) = month_start),
    weekday_only date CHECK (extract(isodow FROM weekday_only) < 6),
    this_century date CHECK (date_part('year', this_century) BETWEEN 2001 AND 2100),
    year_no int CHECK (year_no >= 1900 AND year_no <= 2100),
    quarter smallint CHECK (quarter BETWEEN 1 AND 4),
    past timestamptz CHECK (past <= now()),
    past_date date CHECK (past_date <= CURRENT_DATE),
    CONSTRAINT joined_grown CHECK (joined >= born + interval '18 years'),
    CONSTRAINT joined_recently CHECK (joined < '2026-01-01'),
    CONSTRAINT left_later CHECK (left_on IS NULL OR left_on > joined),
    CONSTRAINT seen_in_order CHECK (last_seen >= first_seen),
    CONSTRAINT seen_within_a_year CHECK (last_seen - first_seen < interval '365 days'),
    CONSTRAINT due_in_window CHECK (due >= first_seen + '1 day'::interval AND due <= first_seen + '14 days'::interval),
    CONSTRAINT opens_before_it_closes CHECK (closes > opens),
    CONSTRAINT opens_in_the_morning CHECK (opens >= '06:00'::time AND opens < '12:00'::time)
);

CREATE TABLE null_rules (
    id int PRIMARY KEY,
    email text,
    phone text,
    fax text,
    street text,
    city text,
    lat double precision CHECK (lat >= -90 AND lat <= 90),
    lon double precision CHECK (lon >= -180 AND lon <= 180),
    post_id int,
    photo_id int,
    video_id int,
    kind text NOT NULL CHECK (kind IN ('text', 'link', 'image')),
    body text,
    link text,
    image_url text,
    deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    deleted_by text,
    parent_id int,
    depth int NOT NULL,
    CONSTRAINT any_contact CHECK (COALESCE(email, phone, fax) IS NOT NULL),
    CONSTRAINT both_or_neither CHECK ((street IS NULL) = (city IS NULL)),
    CONSTRAINT coordinates CHECK ((lat IS NULL AND lon IS NULL) OR (lat IS NOT NULL AND lon IS NOT NULL)),
    CONSTRAINT exactly_one CHECK (((post_id IS NOT NULL)::int + (photo_id IS NOT NULL)::int + (video_id IS NOT NULL)::int) = 1),
    CONSTRAINT body_for_kind CHECK (
        (kind = 'text' AND body IS NOT NULL AND link IS NULL AND image_url IS NULL) OR
        (kind = 'link' AND link IS NOT NULL AND body IS NULL AND image_url IS NULL) OR
        (kind = 'image' AND image_url IS NOT NULL AND link IS NULL)),
    CONSTRAINT deletion_is_whole CHECK (NOT deleted OR (deleted_at IS NOT NULL AND deleted_by IS NOT NULL)),
    CONSTRAINT living_is_clean CHECK (deleted OR num_nonnulls(deleted_at, deleted_by) = 0),
    CONSTRAINT roots_have_no_depth CHECK ((parent_id IS NULL AND depth = 0) OR (parent_id IS NOT NULL AND depth > 0 AND depth <= 10))
);

CREATE TABLE case_rules (
    id int PRIMARY KEY,
    plan text NOT NULL CHECK (plan IN ('free', 'team', 'enterprise')),
    seats int NOT NULL,
    price numeric(8, 2) NOT NULL,
    contact text,
    rating smallint,
    review text,
    started date,
    finished date,
    state text NOT NULL DEFAULT 'new',
    CONSTRAINT seats_by_plan CHECK (CASE WHEN plan = 'free' THEN seats = 1 WHEN plan = 'team' THEN seats BETWEEN 2 AND 50 ELSE seats >= 51 AND seats < 100000 END),
    CONSTRAINT free_is_free CHECK ((plan = 'free' AND price = 0) OR (plan <> 'free' AND price > 0)),
    CONSTRAINT enterprise_is_called CHECK (plan <> 'enterprise' OR contact IS NOT NULL),
    CONSTRAINT bad_ratings_are_explained CHECK (rating IS NULL OR rating >= 3 OR length(review) >= 10),
    CONSTRAINT rating_range CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT states CHECK (state = ANY (ARRAY['new', 'running', 'finished'])),
    CONSTRAINT state_dates CHECK (
        (state = 'new' AND started IS NULL AND finished IS NULL)
        OR (state = 'running' AND started IS NOT NULL AND finished IS NULL)
        OR (state = 'finished' AND started IS NOT NULL AND finished IS NOT NULL AND finished >= started))
);

CREATE TABLE structure_rules (
    id int PRIMARY KEY,
    doc jsonb NOT NULL CHECK (jsonb_typeof(doc) = 'object'),
    list jsonb CHECK (jsonb_typeof(list) = 'array' AND jsonb_array_length(list) <= 10),
    tags text[] NOT NULL CHECK (array_length(tags, 1) BETWEEN 1 AND 5),
    roles text[] CHECK (roles <@ ARRAY['reader', 'writer', 'admin']::text[]),
    has_x int[] CHECK (7 = ANY (has_x) AND cardinality(has_x) < 6),
    no_null text[] CHECK (array_position(no_null, NULL) IS NULL),
    span int4range CHECK (lower(span) >= 0 AND upper(span) <= 1000 AND NOT isempty(span)),
    period daterange CHECK (lower_inc(period) AND NOT upper_inf(period) AND upper(period) - lower(period) >= 1),
    ip4 inet CHECK (family(ip4) = 4 AND masklen(ip4) = 32),
    net cidr CHECK (masklen(net) BETWEEN 8 AND 30),
    flags bit(4) CHECK (flags <> B'0000'),
    blob bytea CHECK (octet_length(blob) <= 64),
    ident uuid CHECK (ident <> '00000000-0000-0000-0000-000000000000'::uuid),
    pos point CHECK (pos[0] >= 0 AND pos[1] >= 0)
);

-- A check on what is computed from columns that other checks hold together.
create table boxes (
    id integer primary key,
    w integer not null check (w between 1 and 200),
    h integer not null check (h between 1 and 200),
    d integer not null check (d between 1 and 200),
    volume bigint generated always as (w::bigint * h * d) stored,
    check (volume <= 1000000),
    check (least(w, h, d) * 10 >= greatest(w, h, d))
);
create table operations (
    machine integer,
    step smallint check (step % 10 = 0 and step > 0),
    hour timestamptz not null,
    at timestamptz not null,
    primary key (machine, step),
    check (hour = date_trunc('hour', at, 'UTC'))
);

-- Months and years that a reference or a key gives, and days that have to lie within.
create table periods (ledger int, month date check (extract(day from month) = 1), primary key (ledger, month));
create table postings (
    id uuid primary key,
    ledger int not null,
    month date not null,
    posted_on date not null,
    foreign key (ledger, month) references periods,
    check (date_trunc('month', posted_on::timestamp)::date = month)
);
create table absences (
    person int,
    from_day date,
    to_day date not null,
    half_day boolean not null,
    year int not null check (year = to_char(from_day, 'yyyy')::int),
    primary key (person, from_day),
    check (to_day >= from_day and to_day - from_day < 30),
    check (not half_day or to_day = from_day),
    check (date_part('year', from_day) = date_part('year', to_day))
);
