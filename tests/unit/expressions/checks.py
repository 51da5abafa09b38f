"""Checks of the kinds that people write, over columns that one table could have."""

from app.generator.snapshot.model import Column, EnumType, QName, TypeRef
from app.generator.types import TypeCatalog


def builtin(name: str, *modifiers: int, dims: int = 0) -> TypeRef:
    """A built-in type."""
    return TypeRef("pg_catalog", name, modifiers, dims)


TYPES = TypeCatalog((EnumType(QName("public", "stage"), ("draft", "open", "done", "void")),))

_DECLARED: dict[TypeRef, str] = {
    builtin("text"): "status kind email slug name url phone country currency notes body locale title first last",
    builtin("varchar", 20): "sku",
    builtin("varchar", 255): "label",
    builtin("bpchar", 2): "iso",
    builtin("int4"): "quantity position year month day priority rating stock reserved a_id b_id c_id d_id floor_no",
    builtin("int8"): "size_bytes offset_bytes",
    builtin("int2"): "weekday begin_year begin_month begin_day end_year end_month end_day",
    builtin("numeric", 10, 2): "price discount total tax debit credit amount percent low_price high_price",
    builtin("numeric"): "weight",
    builtin("float8"): "lat lon rate score",
    builtin("bool"): "active deleted ended is_default",
    builtin("date"): "birth_date hired_on left_on due_on month_start",
    builtin("timestamptz"): "created_at updated_at starts_at ends_at shipped_at delivered_at deleted_at",
    builtin("timestamp"): "logged_at",
    builtin("time"): "opens closes",
    builtin("interval"): "duration",
    builtin("jsonb"): "meta settings",
    builtin("text", dims=1): "tags scopes",
    builtin("int4", dims=1): "ids",
    builtin("tstzrange"): "period",
    builtin("int4range"): "ages",
    builtin("uuid"): "token other_token",
    builtin("bytea"): "checksum",
    builtin("inet"): "ip",
    TypeRef("public", "stage"): "stage",
}

COLUMNS = {name: Column(name, type_) for type_, names in _DECLARED.items() for name in names.split()}

# Each is kept by the domains alone: nothing is left to be tested.
KEPT_BY_DOMAINS = """
family(ip) = 4
(family(ip) = 6 AND masklen(ip) >= 64)
(ip << '10.0.0.0/8'::inet)
(masklen(ip) BETWEEN 16 AND 24 AND '10.1.0.0/16' >>= ip)
quantity > 0
(quantity >= 0)
quantity BETWEEN 1 AND 100
((quantity >= 1) AND (quantity <= 100))
(rating = ANY (ARRAY[1, 2, 3, 4, 5]))
rating IN (1, 2, 3)
rating <> 0
NOT (quantity < 0)
NOT quantity = 5
(price > (0)::numeric)
(price >= 0.01)
price > 0.005 AND price < 1000
(discount >= (0)::numeric) AND (discount <= (100)::numeric)
abs(amount) <= 90
(lat >= ('-90'::integer)::double precision) AND (lat <= (90)::double precision)
lon BETWEEN -180 AND 180
rate > 0 AND rate < 1
(quantity % 5) = 0
mod(quantity, 10) = 3
quantity % 2 = 1
quantity + 5 > 10
100 - quantity >= 0
size_bytes <= 9223372036854775807
(status = ANY (ARRAY['open'::text, 'done'::text, 'void'::text]))
((sku)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))
status IN ('open', 'done')
status = 'open' OR status = 'done'
status = 'open' OR status IS NULL
status NOT IN ('bad', 'worse')
status <> 'bad' AND status <> ''
name <> ''
(char_length(name) <= 255)
(length((label)::text) >= 3)
char_length(name) BETWEEN 2 AND 10
length(btrim(name)) > 0
btrim(name) <> ''
(length(TRIM(BOTH FROM name)) > 0)
octet_length(checksum) = 32
octet_length(name) <= 40
length(iso) = 2
char_length(country) = ANY (ARRAY[2, 3])
lower(email) = email
(name = btrim(name))
name = upper(name)
coalesce(name, '') <> ''
name IS NOT NULL AND length(name) > 1
(quantity IS NOT NULL)
a_id IS NULL
(stage <> 'void'::stage)
stage IN ('draft', 'open')
stage >= 'open'
stage::text = 'open'
birth_date > '1900-01-01'
(birth_date <= CURRENT_DATE)
birth_date BETWEEN '1900-01-01' AND '2020-12-31'
created_at <= now()
created_at >= '2000-01-01 00:00:00+00'::timestamp with time zone
created_at::date >= '2000-01-01'
extract(year from birth_date) >= 1950
date_part('year', created_at) = 2024
(EXTRACT(year FROM birth_date) <= (2010)::numeric)
due_on + 5 <= '2030-01-01'
due_on - 3 > '2020-01-01'::date
opens >= '06:00:00'
opens BETWEEN '06:00' AND '22:00'
duration > '0'::interval
duration <= '1 day'::interval
jsonb_typeof(meta) = 'object'
(jsonb_typeof(settings) = ANY (ARRAY['object'::text, 'array'::text]))
cardinality(tags) > 0
cardinality(tags) <= 5
cardinality((tags)::text[]) <= 5
array_length(tags, 1) <= 3
ids <> '{}'
(NOT isempty(period))
deleted = false
active
NOT deleted
deleted IS NOT TRUE
active IS TRUE
isfinite(birth_date)
created_at <> 'infinity'
price = round(price, 1)
(quantity > 0) IS TRUE
quantity IS DISTINCT FROM 3
quantity <@ '[1,10)'::int4range
quantity > ALL (ARRAY[1, 5])
length(quantity::text) = 4
num_nonnulls(a_id) = 1
EXTRACT(hour FROM logged_at) = 9
CURRENT_DATE - birth_date >= 6570
birth_date <= (CURRENT_DATE - '18 years'::interval)
EXTRACT(month FROM due_on) = 10 AND EXTRACT(day FROM due_on) = 1
name IS NULL OR btrim(name) <> ''
nullif(btrim(name), '') IS NOT NULL
array_position(tags, NULL::text) IS NULL
array_length(tags, 1) IS NULL OR array_length(tags, 1) <= 4
ARRAY[status] <@ ARRAY['open', 'done']
btrim(name) IS NOT NULL
lower(name) IS NOT NULL
lower(status) = 'open'
lower(status) IN ('open', 'done')
length(trim(name)) BETWEEN 3 AND 20
extract(day from month_start) = 1
extract(isodow from due_on) = 1
CASE WHEN true THEN quantity > 0 ELSE false END
""".strip().splitlines()

# Patterns and the like: the domains do the work, and the rows are tested besides.
KEPT_AND_TESTED = r"""
(slug ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$'::text)
email ~* '^[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,}$'
(iso ~ '^[A-Z]{2}$')
currency ~ '^[A-Z]{3}$'
name !~ '\s'
url LIKE 'https://%'
url ~ '^https?://'
slug NOT LIKE '%--%'
phone ~ '^\+?[1-9]\d{1,14}$'
position('@' in email) > 0
email LIKE '%_@__%.__%'
left(sku, 3) = 'AB-'
substr(sku, 1, 1) = 'X'
starts_with(url, 'http')
locale ~ '^[a-z]{2}(_[A-Z]{2})?$'
lower(slug) ~ '^[a-z]+$'
country = upper(country) AND length(country) = 2 AND country ~ '^[A-Z]+$'
tags <@ ARRAY['a', 'b', 'c']
0 < ALL (ids)
meta ? 'kind'
(meta ->> 'kind') IS NOT NULL
meta ?& ARRAY['a', 'b']
meta ?| ARRAY['a', 'b']
month_start = date_trunc('month', month_start)
(month_start = (date_trunc('month'::text, (month_start)::timestamp with time zone))::date)
logged_at = date_trunc('day', logged_at)
date_trunc('hour', logged_at) >= '2020-01-01'
name > 'a'
price * 2 <= 100
date_part('year', age(birth_date)) >= 18
EXTRACT(year FROM age((CURRENT_DATE)::timestamp with time zone, (birth_date)::timestamp with time zone)) >= 21
age(birth_date) >= '16 years'::interval AND age(birth_date) < '100 years'
lower(period) >= '2020-01-01'
upper(ages) <= 120
upper(ages) IS NULL OR upper(ages) - lower(ages) > 100
octet_length(meta::text) < 4000
country ~ '^[A-Z]{2}$' OR country ~ '^[A-Z]{3}$'
((EXTRACT(epoch FROM starts_at))::bigint % (1800)::bigint) = 0
date_trunc('minute', starts_at) = starts_at AND date_part('minute', starts_at) IN (0, 15, 30, 45)
meta ? 'kind' AND jsonb_typeof(meta -> 'kind') = 'string' AND (meta ->> 'kind') IN ('a', 'b')
meta ?& ARRAY['url', 'mime'] AND (meta ->> 'url') ~ '^https?://[^\s]+$'
(settings ->> 'size') IS NOT NULL AND (settings ->> 'size')::int BETWEEN 3 AND 9
jsonb_typeof(meta -> 'items') = 'array' AND meta ? 'items' AND jsonb_array_length(meta -> 'items') > 0
""".strip().splitlines()

# Choices among columns: alternatives bring them about.
ALTERNATIVES = """
(num_nonnulls(a_id, b_id, c_id) = 1)
num_nonnulls(a_id, b_id, c_id, d_id) <= 1
num_nulls(a_id, b_id) = 0 OR num_nulls(a_id, b_id) = 2
(a_id IS NULL) <> (b_id IS NULL)
(a_id IS NULL) = (b_id IS NULL)
((a_id IS NOT NULL)::integer + (b_id IS NOT NULL)::integer + (c_id IS NOT NULL)::integer) = 1
CASE WHEN a_id IS NULL THEN 0 ELSE 1 END + CASE WHEN b_id IS NULL THEN 0 ELSE 1 END = 1
(a_id IS NOT NULL AND b_id IS NULL) OR (a_id IS NULL AND b_id IS NOT NULL)
a_id IS NOT NULL OR b_id IS NOT NULL
coalesce(a_id, b_id, c_id) IS NOT NULL
status <> 'shipped' OR shipped_at IS NOT NULL
(status = 'shipped') = (shipped_at IS NOT NULL)
(status = 'a' AND a_id IS NOT NULL AND b_id IS NULL) OR (status = 'b' AND b_id IS NOT NULL AND a_id IS NULL)
CASE WHEN kind = 'pct' THEN tax BETWEEN 0 AND 100 WHEN kind = 'fixed' THEN tax >= 0 ELSE tax IS NULL END
CASE kind WHEN 'a' THEN a_id IS NOT NULL WHEN 'b' THEN b_id IS NOT NULL END
(((end_year IS NOT NULL) OR (end_day IS NOT NULL)) AND (ended = true)) OR ((end_year IS NULL) AND (end_day IS NULL))
(active AND deleted_at IS NULL) OR (NOT active AND deleted_at IS NOT NULL)
NOT deleted OR deleted_at IS NOT NULL
(debit > 0 AND credit = 0) OR (debit = 0 AND credit > 0)
quantity < 3 OR quantity > 10
year = 0 OR year BETWEEN 1900 AND 2100
quantity = -1 OR quantity > 0
(begin_year IS NULL AND begin_day IS NULL) OR (begin_year IS NOT NULL AND begin_day IS NOT NULL)
begin_year IS NOT NULL OR (begin_month IS NULL AND begin_day IS NULL)
NOT (quantity = 3 AND priority = 4)
active OR is_default
active = (name IS NOT NULL)
(status = 'void') IS NOT TRUE OR notes IS NOT NULL
(month = ANY (ARRAY[4, 6]) AND day <= 30) OR (month = 2 AND day <= 29) OR (month <> ALL (ARRAY[2, 4]) AND day <= 31)
stage = 'draft' OR (name IS NOT NULL AND price > 0)
a_id IS NULL AND b_id IS NULL AND c_id IS NULL AND d_id IS NULL OR a_id > 0 AND b_id > 0 AND c_id > 0 AND d_id > 0
NOT (email IS NULL AND phone IS NULL)
(active::int + deleted::int) = 1
(num_nonnulls(a_id, b_id) + is_default::int) = 1
email IS NOT NULL OR (phone IS NOT NULL AND country IN ('DE', 'FR'))
""".strip().splitlines()

# Comparisons of columns: orders and equations.
RELATIONS = """
starts_at < ends_at
(ends_at > starts_at)
low_price <= high_price
left_on IS NULL OR left_on >= hired_on
updated_at >= created_at AND (deleted_at IS NULL OR deleted_at >= created_at)
ends_at >= starts_at + interval '1 hour'
greatest(low_price, discount) <= high_price
total = price * quantity
(total = ((price * (quantity)::numeric) - discount))
debit + credit = 100
abs(total - price * quantity) < 0.01
quantity = reserved
a_id <> b_id
reserved <= stock
stock - reserved >= 0
first IS DISTINCT FROM last
name = lower(title)
floor_no IS NOT DISTINCT FROM position
tax = round(price * 0.19, 2)
(birth_date + '18 years'::interval) <= hired_on
ends_at - starts_at <= '2 days'
opens < closes
extract(year from due_on) = year
coalesce(a_id, b_id) = c_id
""".strip().splitlines()

# Two columns close to each other: the later one is computed.
GAPS = """
ends_at > starts_at AND ends_at <= starts_at + interval '1 day'
(ends_at - starts_at) <= '2 days'::interval AND starts_at < ends_at
ends_at - starts_at BETWEEN '1 hour' AND '3 hours'
extract(epoch from ends_at - starts_at) / 60 BETWEEN 30 AND 240
due_on - hired_on BETWEEN 1 AND 14
due_on >= hired_on AND due_on <= hired_on + 30
due_on <= (hired_on + interval '7 days') AND due_on > hired_on
quantity >= reserved AND quantity - reserved <= 10
ends_at > starts_at AND ends_at < starts_at + '8 hours' AND extract(epoch from ends_at - starts_at)::bigint % 900 = 0
""".strip().splitlines()

CONTRADICTIONS = """
quantity > 5 AND quantity < 3 AND quantity IS NOT NULL
status = 'a' AND status = 'b' AND status IS NOT NULL
length(name) > 5 AND length(name) < 3 AND name IS NOT NULL
a_id IS NULL AND a_id IS NOT NULL
false
rating IN (1, 2) AND rating > 7 AND rating IS NOT NULL
quantity % 4 = 1 AND quantity % 6 = 2 AND quantity IS NOT NULL
num_nonnulls(a_id, b_id) = 3
""".strip().splitlines()

UNKNOWN = """
my_own_check(name)
quantity > 0 AND public.valid_name(name)
EXISTS (SELECT 1)
name = ANY (SELECT 'a')
xml_is_well_formed(body)
name ~ '(a+)+\\1'
""".strip().splitlines()
