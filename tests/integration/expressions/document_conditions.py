"""Conditions on documents, lists, ranges and whatever else has parts, one a line."""

DOCUMENTS = """
jsonb_typeof(j) = 'object'
jsonb_typeof(j) IN ('array', 'object')
json_typeof(jn) = 'object'
j ? 'a'
j ?| ARRAY['a', 'b']
j ?& ARRAY['a', 'b']
j -> 'a' = '1'::jsonb
j ->> 'a' = '1'
(j ->> 'a') IS NOT NULL
(j ->> 'a')::int > 0
j -> 'b' ->> 'c' = 'x'
j #> '{b,c}' = '"x"'
j #>> '{b,c}' = 'x'
j -> 0 = '1'
j ->> -1 = '3'
jsonb_typeof(j -> 'a') = 'number'
j @> '{"a": 1}'
j <@ '{"a": 1, "b": {"c": "x"}}'::jsonb
j @> '[1]'
j = '{}'::jsonb
j <> 'null'
jsonb_array_length(j) > 1
jsonb_typeof(j) <> 'array' OR jsonb_array_length(j) <= 3
jsonb_extract_path_text(j, 'b', 'c') = 'x'
j || '{"z": 1}' <> j
(j - 'a') = '{}'
j['a'] = '1'
jn ->> 'a' = '1'
jn::jsonb = '{}'
j::text = '{}'
jsonb_exists(j, 'a')
jsonb_typeof(j -> 'a') = 'number' AND (j -> 'a')::int > 0
j @? '$.a'
j @? '$.a ? (@ > 0)'
j @? '$[*] ? (@ >= 2)'
j @? '$.b.c ? (@ == "x" || @ starts with "y")'
j @? '$.* ? (exists(@.c))'
j @? '$[last]'
j @@ '$.a == 1'
j @@ '$.a > 0 && $.b.c == "x"'
j @@ '!($.a < 2)'
j @@ '$.size() > 1'
j @@ '$.type() == "object"'
j @@ '$.a + 1 == 2'
j @@ '$.b.c like_regex "^X" flag "i"'
j @@ '$[0] != null'
jsonb_path_exists(j, '$.b[*].c')
jsonb_path_exists(j, '$ ? (@.a <> 1)')
jsonb_path_match(j, 'exists($.a)')
mo * 2 > '3'::money
mo / 3 < '1.5'::money
mo * 0.05 <= '1'::money
mo + '1.00'::money > mo
mo / '2'::money > 1
get_bit(bt, 1) = 1
get_bit(by, 3) = 1
exist(hs, 'a') AND NOT defined(hs, 'b')
m = ANY (enum_range(NULL::mood))
m = ANY (enum_range('ok'::mood, NULL))
m <> enum_last(NULL::mood)
to_date(to_char(ts, 'YYYY-MM-DD'), 'YYYY-MM-DD') = ts::date
to_timestamp(to_char(ts, 'DD/MM/YYYY HH24:MI:SS'), 'DD/MM/YYYY HH24:MI:SS')::date >= d
length(j::text) < 20
(j ->> 'a')::boolean
ia = '{}'
ia <> '{}'::int[]
array_length(ia, 1) <= 2
array_length(ia, 1) IS NULL
cardinality(ia) > 0
array_ndims(ia) = 1
array_upper(ia, 1) = 2
array_lower(ia, 1) = 1
1 = ANY (ia)
i4 = ANY (ia)
0 < ALL (ia)
i4 <> ALL (ia)
ia @> ARRAY[1]
ia @> ARRAY[1, 2]
ia <@ ARRAY[1, 2, 3]
ia && ARRAY[2, 5]
ia[1] = 1
ia[i4] = 2
array_position(ia, 2) = 2
array_position(ia, NULL) IS NULL
array_remove(ia, 1) = '{}'
ia || 5 = '{5}'
array_append(ia, 1) @> ARRAY[1]
ia = ARRAY[1, 2]
ia < ARRAY[2]
ia[1:1] = ARRAY[1]
ta = ARRAY['a', 'b']
'a' = ANY (ta)
s = ANY (ta)
ta <@ ARRAY['a', 'b', 'abc']::text[]
array_to_string(ta, ',') = 'a,b'
array_to_string(ta, ',', '*') = 'a,*'
string_to_array(s, 'b') = ARRAY['a', 'c']
'' <> ALL (ta)
cardinality(ta) <= 2
ARRAY[i4, i4b] = ARRAY[1, 2]
s = ANY (ARRAY[s2, v])
array_position(ARRAY['abc', 'x'], s) = 1
NOT isempty(ir)
lower(ir) >= 0
upper(ir) <= 10
upper(ir) - lower(ir) < 5
lower_inc(ir)
upper_inc(nr)
lower_inf(ir)
NOT upper_inf(tr)
ir @> 3
ir @> i4
i4 <@ ir
ir @> int4range(2, 3)
ir && '[2,4]'::int4range
ir << '[10,20)'
ir -|- '[5,6)'
ir = '[1,5)'
ir = '[1,4]'
ir <> 'empty'
ir < '[3,4)'
ir * '[2,3]' <> 'empty'
nr @> 1.5
nr && '(0,1)'::numrange
lower(nr) < upper(nr)
dr @> d
dr @> '2024-01-01'::date
upper(dr) - lower(dr) <= 31
lower(tr) < tz
upper(tr) - lower(tr) < '1 day'
tr @> tz
im @> 3
isempty(im)
im && '{[1,3)}'
lower(im) >= 0
int4range(i4, i4b) @> 3
by = '\\x01'
length(by) > 1
octet_length(by) = 2
by <> ''
by > '\\x01'
encode(by, 'hex') = '0102'
get_byte(by, 0) = 1
substring(by from 1 for 1) = '\\x01'
substr(by, 2) = ''
bt = B'1010'
(bt & B'1000') <> B'0000'
length(bt) = 4
family(ip) = 4
masklen(ip) = 24
host(ip) = '192.168.0.1'
ip << '192.168.0.0/16'
ip <<= '192.168.0.0/24'
ip = '192.168.0.1'
ip < '192.168.0.5'
network(cd) = cd
masklen(cd) <= 24
cd >> '10.1.0.1'
mac = '08:00:2b:01:02:03'
mac > '08:00:2b:00:00:00'
hs ? 'a'
hs -> 'a' = '1'
hs ?& ARRAY['a', 'b']
nlevel(lt) = 2
subpath(lt, 0, 1) = 'a'
subpath(lt, -1) = 'b'
subpath(lt, 0, -1) <@ lt
subltree(lt, 0, 1)::text = s
index(lt, 'b') = 1
(lt || 'z') <@ lt
nlevel('q'::ltree || lt) = 3
lt <@ 'a'
lt @> 'a.b.c'
lt ~ 'a.*'
lt ~ '*.b'
lt ~ '*{1,2}.c'
lt ~ 'A@|b'
lt ~ '*{,1}'
lt ~ 'a*.b|x.*{2}'
lt ~ '*'
lt ~ 'a{0,1}.b.*{0}'
lt = 'a.b'
"""
