"""Conditions on numbers, text and truth values, one a line."""

NUMBERS = """
i4 > 0
i4 >= i4b
i2 < i4
i4 = i8
i4 <> i4b
(i4 + i4b) > 10
i4 - i4b = 0
i4 * i4b < 100
i8 * i8 > 0
i4 / i4b > 1
i4 / 2 = 1
(- i4) / 2 = -1
i4 % 5 = 0
i4 % i4b = 1
mod(i4, 3) = -1
abs(i4) <= 90
abs(n) <= 90
n > 0.5
n >= (0)::numeric
n > '-1'::integer::numeric
n = 12.50
n <> i4
n > f8
nu > 1e2
(n)::integer = 12
(n)::integer > i4
round(n) = 13
round(n, 1) = n
round(f8) = f8
trunc(n) = n
trunc(n, 1) < n
floor(n) = ceil(n)
floor(f8) <= f8
ceiling(f8) >= f8
sign(n) = -1
sign(i4) >= 0
n * 2 > i4
n * n0 > 100
n / 3 > 1
n / nu > 1
n % 1 = 0
nu % 0.5 = 0
n + nu > 10
n - n0 <= 0
n0 / i4 > 2.5
f8 * 2 < 10
f8 / i4 > 1
f8 + f4 > 1
f4 > 0.1
f4 = f8
f4 * 2 = f4 + f4
f8 = 'NaN'::double precision
f8 > 'NaN'
f8 < 'Infinity'::float8
n <> 'NaN'::numeric
n < 'Infinity'::numeric
f4 <> 'NaN'
i4 BETWEEN 1 AND 10
i4 NOT BETWEEN -5 AND 5
i4 BETWEEN SYMMETRIC i4b AND 3
i4 IN (1, 2, 3)
i4 NOT IN (1, 2)
i4 = ANY (ARRAY[1, 2, NULL])
i4 <> ALL (ARRAY[1, 5])
i4 > ALL (ARRAY[1, 5])
i4 > ANY (ARRAY[1, i4b])
i8 = ANY ('{1,2,3}'::bigint[])
i2 = ANY (ARRAY[1, 2])
n IN (1, 2.5, 12.50)
i4 & 1 = 1
i4 | 2 = 3
(i4 # 3) > 1
(~ i4) < 0
(i4 << 2) > 10
(i4 >> 1) = 1
i4::numeric / 3 > 1
i4::float8 / 3 > 1
i8::int4 > 0
i4::int2 > 0
f8::int4 = 2
n::numeric(4,1) = n
i4::text = '5'
i4::text ~ '^[0-9]+$'
n::text = '12.50'
s::integer > 3
greatest(i4, i4b) > 5
least(i4, i4b, 3) = 3
greatest(n, 1.5) = n
sqrt(i4) > 1
power(i4, 2) < 100
i4 ^ 2 = 9
2 ^ 31 > i8
width_bucket(n, 0, 100, 10) = 2
gcd(i4, i4b) = 1
div(n, 2) = 6
min_scale(nu) <= 2
i4 IS DISTINCT FROM i4b
n IS NOT DISTINCT FROM i4
(i4 > 0) = (i4b > 0)
@ i4 = 5
|/ f8 > 1
-i4 > 3
1 / i4 > 0
i4 <> 0 AND 10 / i4 > 1
i4 = 0 OR 10 / i4 > 1
CASE WHEN i4 <> 0 THEN 10 / i4 > 1 ELSE true END
i4 > 2147483647
i4 + 2147483647 > 0
i8 + 9223372036854775807 > 0
i8 = 9223372036854775807
i4::bool
b::int = 1
(b::int + b2::int) = 1
mo > '5.00'::money
mo > (0)::money
mo::numeric > 5
"""

TEXTS = """
s = 'abc'
s <> ''
s > 'b'
s < s2
s <= 'Z'
s COLLATE "C" < 'b'
s = v
v = 'abc'
(v)::text = ANY ((ARRAY['abc'::character varying, 'x'::character varying])::text[])
s IN ('abc', 'ABC')
s NOT IN ('abc', '')
c = 'ab'
c = 'ab  '
c::text = 'ab'
c < 'b'
length(c) = 2
octet_length(c) = 4
c ~ '^ab$'
c ~ '^ab  $'
c LIKE 'ab'
c LIKE 'ab%'
c || 'x' = 'abx'
c IN ('ab', 'abcd')
upper(c) = 'AB'
ci = 'ABC'
ci <> 'abc'
ci > 'B'
ci ~ '^A'
ci LIKE 'A%'
ci = 'aBc'::citext
ci::text = 'abc'
length(ci) > 2
length(s) > 0
char_length(v) BETWEEN 1 AND 5
character_length(s) = 3
octet_length(s) <= 3
bit_length(s) = 24
lower(s) = s
upper(s) = s
upper(v) = 'ABC'
initcap(s) = s
btrim(s) = s
btrim(s) <> ''
trim(both ' ' from s) = s
ltrim(s) = s
rtrim(s) = s
trim(leading 'a' from s) = 'bc'
btrim(s, 'ac') = 'b'
substr(s, 1, 1) = 'a'
substring(s from 2 for 1) = 'b'
substring(s, 2) = 'bc'
substring(s, -1, 3) = 'a'
substr(s, i4) = 'bc'
substr(s, 1, i4) = 'a'
substring(s from '[0-9]+') = '12'
substring(s from 'b(.)') = 'c'
"left"(s, 2) = 'ab'
"left"(s, -1) = 'ab'
"left"(s, i4) = 'a'
"right"(s, 1) = 'c'
"right"(s, -1) = 'bc'
"right"(s, i4b) = 'c'
replace(s, 'a', 'x') = 'xbc'
replace(s, s2, '') = ''
reverse(s) = 'cba'
repeat(s, 2) = 'abcabc'
position('b' in s) > 0
strpos(s, 'b') = 2
strpos(s, s2) > 0
starts_with(s, 'ab')
s ^@ 'a'
split_part(s, 'b', 1) = 'a'
split_part(s, 'b', -1) = 'c'
concat(s, '-', i4) = 'abc-1'
concat(s, NULL, b) = 'abct'
concat_ws('-', s, v, c) = 'abc-abc-ab  '
s || s2 = 'abcabc'
s || i4 = 'abc5'
i4 || s = '5abc'
s || b = 'abctrue'
lpad(s, 5, '0') = '00abc'
rpad(s, 2) = 'ab'
md5(s) = '900150983cd24fb0d6963f7d28e17f72'
ascii(s) = 97
chr(i4 + 60) = 'A'
translate(s, 'abc', 'xy') = 'xy'
overlay(s placing 'X' from 2 for 1) = 'aXc'
s ~ '^[a-z]+$'
s ~ '^[a-z]{2,3}$'
s ~* '^ABC$'
s !~ '[0-9]'
s !~* 'A'
s ~ '\\d'
s ~ '^\\w+$'
s ~ '\\s'
s ~ '^[[:alpha:]]+$'
s ~ '^[[:alnum:] ]*$'
s ~ '[[:space:]]'
s ~ '[[:punct:]]'
s ~ '[[:upper:]]'
s ~ '[^a-z]'
s ~ '^(a|b)c?'
s ~ 'a.c'
s ~ '^a.*c$'
s ~ '(.)\\1'
s ~ '^(?=.*a)(?=.*c)'
s ~ '^(?!abc)'
s ~ '(?i)ABC'
s ~ '\\mabc\\M'
s ~ '\\yabc\\y'
s ~ '^$'
s ~ '^a+?b'
s ~ 'é'
s ~ '^[\\w.-]+@[\\w-]+\\.[a-z]{2,}$'
s ~ '[]a]'
s ~ '[a\\-c]'
s ~ '***=a.c'
s ~ '^[^[:space:]]+$'
s ~ s2
s LIKE 'a%'
s LIKE '_b_'
s LIKE 'a\\%'
s LIKE 'a!%' ESCAPE '!'
s NOT LIKE '%b%'
s ILIKE 'ABC'
s NOT ILIKE '%B%'
s LIKE s2
s SIMILAR TO '(a|b)%'
s SIMILAR TO '[a-c]+'
s NOT SIMILAR TO '%b%'
s LIKE ANY (ARRAY['a%', 'b%'])
s ~ ANY (ARRAY['^a', '^b'])
regexp_replace(s, '[^0-9]', '', 'g') = '12'
regexp_replace(s, 'b', 'X') = 'aXc'
regexp_replace(s, '(a)(b)', '\\2\\1') = 'bac'
regexp_match(s, '^(a)b') IS NOT NULL
regexp_like(s, '^a')
s IS NULL
s IS NOT NULL
s IS DISTINCT FROM s2
s IS NOT DISTINCT FROM 'abc'
coalesce(s, '') <> ''
coalesce(s, s2, v) = 'abc'
nullif(s, '') IS NOT NULL
nullif(s, s2) IS NULL
length(nullif(btrim(s), '')) > 0
normalize(s) = s
s IS NORMALIZED
m = 'ok'
m > 'sad'
m <= 'ok'::mood
m IN ('sad', 'happy')
m::text = 'ok'
m::text ~ '^s'
m <> 'ok' OR s IS NOT NULL
u = u2
u < u2
u::text ~ '^0'
u <> '00000000-0000-0000-0000-000000000000'
u = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid
"""

LOGIC = """
b
NOT b
b AND b2
b OR b2
b = b2
b <> b2
b IS TRUE
b IS NOT TRUE
b IS FALSE
b IS NOT FALSE
b IS UNKNOWN
b IS NOT UNKNOWN
(b AND b2) IS NOT TRUE
b = true
b > b2
NOT (b AND i4 > 0)
(s IS NULL) = (i4 IS NULL)
(s IS NULL) <> (i4 IS NULL)
num_nulls(s, i4, d) = 1
num_nonnulls(s, i4, d) >= 2
(s IS NOT NULL)::int + (i4 IS NOT NULL)::int = 1
CASE WHEN s IS NULL THEN 0 ELSE 1 END + CASE WHEN i4 IS NULL THEN 0 ELSE 1 END <= 1
CASE WHEN b THEN i4 > 0 WHEN b2 THEN i4 < 0 ELSE s IS NULL END
CASE s WHEN 'abc' THEN 1 WHEN '' THEN 2 END = 1
CASE WHEN b THEN 'x' END = 'x'
coalesce(b, false)
coalesce(b, b2, true)
coalesce(i4, 0) >= 0
(i4, i4b) = (1, 2)
(i4, i4b) <> (1, 2)
(i4, i4b) < (3, 3)
(i4, n) >= (3, 2.5)
(i4, i4b) IN ((1, 2), (3, 4))
(i4, s) IS NULL
(i4, s) IS NOT NULL
(s = 'abc' AND i4 IS NOT NULL) OR (s <> 'abc' AND i4 IS NULL)
s <> 'abc' OR d IS NOT NULL
i4 > 0 AND s = 'abc' OR b
true
false
NULL::boolean
i4 = NULL
(i4 > 0) IS NOT TRUE OR i4b > 0
(co).x > 1
(co).y = 'abc'
(co).x IS NULL
co IS NULL
co IS NOT NULL
NOT (co IS NULL)
NOT (co IS NOT NULL) OR (co).x > 1
"""
