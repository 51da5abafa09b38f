"""Expressions whose values are compared, one a line."""

VALUES = (
    """
i4 + i4b
i4 * i8
i4 / i4b
i4 % i4b
n + nu
n * nu
n / nu
n / 7
nu / n
nu / nu
n0 / i8::numeric
i4::numeric / 3
n * i4
round(n, 1)
round(nu)
round(f8)
trunc(n, 1)
ceil(nu)
floor(nu)
f8 / 3
f4 * f4
f8 + f4
n::float8
f8::numeric
f4::numeric
f8::text
f4::text
f4::float8::text
f8::int
n::int
abs(n)
sqrt(f8)
sqrt(n)
lower(s)
upper(s)
initcap(s)
s || '-' || i4
concat_ws(',', s, i4, b)
substr(s, 2)
"left"(s, -1)
btrim(s)
split_part(s, 'b', 2)
lpad(s, 6, 'xy')
md5(s)
regexp_replace(s, '[a-c]', '<\\&>', 'g')
length(s)
c || s
v::char(3) || '|'
s::varchar(2)
b::text
d + 1
d - d2
d + iv
tz + iv
ts - iv
tz2 - tz
age(tz2, tz)
iv + iv2
iv * 3
iv / 3
iv * 0.7
- iv
date_trunc('week', ts)
date_trunc('month', tz)
date_trunc('quarter', d)
extract(epoch from iv)
extract(epoch from tz)
extract(week from d)
extract(isoyear from d)
extract(second from ts)
date_part('doy', d)
ts::date
tz::time
t + iv
to_char(ts, 'YYYY-MM-DD HH24:MI:SS')
d::text
ts::text
tz::text
iv::text
t::text
justify_days(iv)
justify_hours(iv)
j -> 'b'
j ->> 'a'
j || '{"k": [1, 2]}'
j::text
array_length(ia, 1)
array_to_string(ta, '|')
ia[1]
array_position(ia, 2)
upper(ir)
lower(nr)
lower(dr)
int4range(i4, 100)
ir * '[2,8)'
greatest(i4, i4b, 3)
least(d, d2)
coalesce(s, s2, 'none')
nullif(i4, i4b)
CASE WHEN b THEN n ELSE i4 END
CASE WHEN i4 > 0 THEN 'pos' WHEN i4 < 0 THEN 'neg' END
num_nonnulls(s, i4, b)
make_date(2024, 2, 29) + i4
(co).x
host(ip)
masklen(cd)
encode(by, 'hex')
div(n, 3)
mod(n, 3)
sign(n)
scale(n)
octet_length(s)
reverse(s)
translate(s, 'ab', 'x')
to_char(i4, 'FM0000')
to_char(i2, '9900')
to_char(i8, '999')
to_char(n0, 'FM099999')
to_char(n, '90')
""".replace("\\\\", "\\")
    .strip()
    .splitlines()
)
