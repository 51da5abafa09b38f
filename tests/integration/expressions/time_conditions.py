"""Conditions on dates, times and intervals, one a line."""

TIMES = """
d > '2000-01-01'
d >= '2000-01-01'::date
d <= d2
d - d2 > 5
d2 - d = 0
d + 5 > d2
d - 1 < d2
d + '1 day'::interval > d2
d2 > d - interval '1 month'
d + interval '1 month' - interval '1 day' > d2
d > ts
d = ts::date
d < tz
ts > '2000-01-01 12:00:00'
tz > '2000-01-01 12:00:00+02'
tz <= tz2
tz < tz2
tz2 - tz > '1 day'
tz2 - tz <= interval '1 year'
tz2 - tz = '00:00:00'
tz + interval '1 month' > tz2
tz - '90 minutes'::interval < tz2
ts::date = d
ts::time > '12:00'
tz::date = d
ts = date_trunc('day', ts)
date_trunc('month', ts) = ts
date_trunc('month', tz) <= tz
d = date_trunc('month', d::timestamptz)
date_trunc('week', d)::date = d
date_trunc('year', ts) < ts
date_trunc('hour', tz) = tz
date_trunc('quarter', ts) = ts
date_trunc('century', ts) < ts
extract(year from d) >= 2000
(EXTRACT(year FROM d) >= (2000)::numeric)
extract(month from d) = 1
extract(day from d) = 1
extract(dow from d) IN (0, 6)
extract(isodow from d) < 6
extract(doy from d) <= 60
extract(week from d) = 1
extract(isoyear from d) = 2024
extract(quarter from d) = 1
extract(decade from d) = 202
extract(century from d) = 21
extract(millennium from d) = 3
extract(epoch from d) > 0
extract(epoch from tz) > 946684800
extract(epoch from tz) = floor(extract(epoch from tz))
extract(epoch from (tz2 - tz)) / 3600 > 24
extract(hour from ts) < 12
extract(minute from ts) = 0
extract(second from ts) = 0
extract(milliseconds from ts) > 1000
extract(microseconds from t) > 0
date_part('year', d) >= 2000
date_part('hour', t) >= 9
date_part('epoch', iv) > 3600
extract(day from iv) > 0
extract(hour from iv) = 1
extract(month from iv) = 1
extract(year from iv) = 1
extract(epoch from iv) > 0
age(d2::timestamp, d::timestamp) > interval '1 year'
age(tz2, tz) < interval '2 months'
t > '12:00'
t >= '08:00:00'::time AND t < '18:00'
t + interval '1 hour' > t
t - '01:00'::time > '1 hour'
tt > '12:00+00'
tt = '12:00+02'
iv > '1 day'
iv >= interval '24 hours'
iv = '1 mon'
iv < iv2
iv + iv2 > '1 month'
iv - iv2 < '0'
iv * 2 > '1 day'
iv * 1.5 = iv
iv / 2 < '1 day'
- iv < '0'
iv > '0'::interval
justify_hours(iv) = iv
justify_days(iv) >= iv
make_interval(0, 0, 0, i4) > iv
make_date(i4 + 2000, 1, 1) > d
isfinite(d)
isfinite(ts)
ts <> 'infinity'
tz < 'infinity'::timestamptz
d > '-infinity'
tz AT TIME ZONE 'UTC' > ts
ts AT TIME ZONE 'UTC' = tz
(tz AT TIME ZONE 'UTC')::date = d
(tz AT TIME ZONE '+02') > ts
(tz AT TIME ZONE 'Europe/Berlin')::date = d
(ts AT TIME ZONE 'America/New_York') <= tz
date_trunc('day', tz, 'australia/lord_howe') = tz
extract(hour from tz AT TIME ZONE 'CET') >= 12
ts AT TIME ZONE 'UTC-3' > tz
tz AT TIME ZONE (CASE WHEN b THEN 'Asia/Tokyo' ELSE 'America/Sao_Paulo' END) > ts
to_char(ts, 'YYYY-MM-DD') = '2024-01-01'
to_char(d, 'MM') = '01'
to_char(ts, 'HH24:MI') = '00:00'
(d, d2) OVERLAPS ('2024-01-01'::date, '2024-02-01'::date)
(tz, tz2) OVERLAPS ('2020-01-01'::timestamptz, interval '10 years')
to_timestamp(i4) < tz
d BETWEEN '2000-01-01' AND '2030-01-01'
d IN ('2024-01-01', '2024-02-29')
ts::text = '2024-01-01 00:00:00'
d::text LIKE '2024%'
tz::text LIKE '%+00'
iv::text = '1 day'
d IS DISTINCT FROM d2
ts::timestamp(0) = ts
"""
