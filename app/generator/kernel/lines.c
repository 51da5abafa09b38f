/*
 * Rows of delimited text from columns: the inner loop of the CSV and COPY encoders.
 *
 * `make kernel` compiles this file to lines.wasm, which is what runs: the same bytes of code on every platform, whose
 * integers WebAssembly defines to the bit, in a memory of its own that it cannot leave. Integers only; no libc.
 *
 * Addresses are offsets into that memory. Whoever calls has made room for the longest line that can come out, and left
 * SLACK readable and writable bytes behind every buffer, since short texts are copied in whole blocks.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;
typedef short i16;
typedef u8 block __attribute__((vector_size(16), aligned(1)));
typedef u64 word __attribute__((aligned(1)));
typedef unsigned short half __attribute__((aligned(1)));

enum kind { LITERAL, GATHER, TEXT, INT64, INT32, INT16, DECIMAL, DATE, TIMESTAMP, TIME, TEMPLATE, PADDED };

/* One piece of a field; eight words, as `lines.py` packs them. */
typedef struct {
    u32 kind;
    u32 data;     /* the values: an index per row for GATHER and TEMPLATE, the text for LITERAL, offsets for TEXT */
    u32 table;    /* GATHER: offsets of the entries; TEMPLATE: `template` records; TEXT: unused */
    u32 bytes;    /* GATHER, TEXT, TEMPLATE: the characters that offsets count from */
    u32 extra;    /* LITERAL: length; DECIMAL: scale; PADDED: width; TIMESTAMP: separator; TEMPLATE: a number per row */
    u32 valid;    /* a bit per row, on the first piece of a field; 0 where nothing is NULL */
    u32 pieces;   /* on the first piece of a field: how many it has; 0 on the others */
    u32 quoted;   /* TEXT: whether the characters decide about quotes (CSV) or are taken as they are */
} piece;

/* A pattern with free characters: `wild` pairs of (place, base), from the right. */
typedef struct { u32 start, length, wild, count; } template;

static const u8 LETTERS[32] = "ABCDEFGHJKLMNPRSTUVWXYZ";
static const char PAIRS[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

#define COPY(to, from) (*(block *)(to) = *(const block *)(from))

static inline u8 *copy(u8 *out, const u8 *from, u32 length) {
    COPY(out, from);
    COPY(out + 16, from + 16);
    for (u32 at = 32; at < length; at += 16) COPY(out + at, from + at);
    return out + length;
}

/* Eight decimal digits of a number below 10^8, the first in the lowest byte. */
static inline u64 eight(u32 value) {
    u64 high = ((u64)value * 3518437209u) >> 45; /* value / 10,000 */
    u64 fours = high | (value - high * 10000) << 32;
    u64 hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007full;
    u64 twos = hundreds | (fours - hundreds * 100) << 16;
    u64 tens = ((twos * 103) >> 10) & 0x000f000f000f000full;
    return tens | (twos - tens * 10) << 8;
}

#define ASCII_ZEROS 0x3030303030303030ull

static inline u8 *below_1e8(u8 *out, u32 value) {
    u64 digits = eight(value);
    u32 zeros = __builtin_ctzll(digits | 1ull << 56) >> 3;
    *(word *)out = (digits | ASCII_ZEROS) >> (8 * zeros);
    return out + 8 - zeros;
}

static u8 *unsigned_number(u8 *out, u64 value) {
    if (value < 100000000) return below_1e8(out, (u32)value);
    u64 upper = value / 100000000;
    out = unsigned_number(out, upper);
    *(word *)out = eight((u32)(value - upper * 100000000)) | ASCII_ZEROS;
    return out + 8;
}

static inline u8 *number(u8 *out, i64 value) {
    u64 size = (u64)value;
    if (value < 0) {
        *out++ = '-';
        size = 0 - size;
    }
    return unsigned_number(out, size);
}

static const u32 POWERS[10] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/* `value` / 10^scale, for scales of 0 to 8. */
static inline u8 *decimal(u8 *out, i64 value, u32 scale) {
    u64 size = (u64)value;
    if (value < 0) {
        *out++ = '-';
        size = 0 - size;
    }
    if (scale == 0) return unsigned_number(out, size);
    u64 whole = scale == 2 ? size / 100 : size / POWERS[scale];
    u32 rest = (u32)(size - whole * POWERS[scale]);
    out = unsigned_number(out, whole);
    *out++ = '.';
    *(word *)out = (eight(rest) | ASCII_ZEROS) >> (8 * (8 - scale));
    return out + scale;
}

static inline u8 *pair(u8 *out, u32 value) {
    *(half *)out = *(const half *)(PAIRS + 2 * value);
    return out + 2;
}

#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */

/* Year, month and day by Neri and Schneider, "Euclidean affine functions and their application to calendar
   algorithms" (2022); `day` counts from 1970-01-01 and is within the years 1 to 9999. */
static inline u8 *date(u8 *out, i32 day) {
    u32 n1 = 4 * (u32)(day + 719468) + 3;
    u32 century = n1 / 146097;
    u32 n2 = (n1 - century * 146097) | 3;
    u64 p2 = 2939745ull * n2;
    u32 of_year = (u32)p2 / 2939745 / 4;
    u32 n3 = 2141 * of_year + 197913;
    u32 month = n3 >> 16;
    u32 late = of_year >= 306;
    u32 year = 100 * century + (u32)(p2 >> 32) + late;
    u32 upper = year / 100;
    out = pair(pair(out, upper), year - upper * 100);
    *out++ = '-';
    out = pair(out, late ? month - 12 : month);
    *out++ = '-';
    return pair(out, (n3 & 0xffff) / 2141 + 1);
}

/* 12:30:00 or 12:30:00.25: microseconds of a day, without zeros at the end. */
static inline u8 *clock(u8 *out, u64 of_day) {
    u32 second = (u32)(of_day / 1000000);
    u32 fraction = (u32)(of_day - (u64)second * 1000000);
    u32 hour = second / 3600, rest = second - hour * 3600, minute = rest / 60;
    out = pair(out, hour);
    *out++ = ':';
    out = pair(out, minute);
    *out++ = ':';
    out = pair(out, rest - minute * 60);
    if (fraction) {
        u64 digits = eight(fraction) >> 16;
        *out++ = '.';
        *(word *)out = digits | ASCII_ZEROS;
        out += 8 - (__builtin_clzll(digits) >> 3);
    }
    return out;
}

#define DAY_US 86400000000ull
#define FIRST_US (FIRST_DAY * (i64)DAY_US)
#define LAST_US ((LAST_DAY + 1) * (i64)DAY_US)

static inline u8 *fill(u8 *out, const template *patterns, u32 index, const u8 *bytes, u64 value) {
    const template *pattern = patterns + index;
    const u32 *wild = (const u32 *)pattern->wild;
    copy(out, bytes + pattern->start, pattern->length);
    for (u32 n = 0; n < pattern->count; n++) {
        u32 place = wild[2 * n], base = wild[2 * n + 1];
        u64 upper;
        if (base == 10) {
            upper = value >> 32 ? value / 10 : (u32)value / 10;
            out[place] = '0' + (u8)(value - upper * 10);
        } else {
            upper = value / base;
            out[place] = LETTERS[value - upper * base];
        }
        value = upper;
    }
    return out + pattern->length;
}

/* Whether CSV wants quotes around a text. `\.` alone on a line ends the data for Postgres before 18. */
static inline int needs_quotes(const u8 *from, u32 length, u8 delimiter) {
    block quote = (block){} + '"', comma = (block){} + delimiter, feed = (block){} + '\n', cr = (block){} + '\r';
    if (length == 0 || (length == 2 && from[0] == '\\' && from[1] == '.')) return 1;
    u32 at = 0;
    for (; at + 16 <= length; at += 16) {
        block b = *(const block *)(from + at);
        if (__builtin_reduce_or((b == quote) | (b == comma) | (b == feed) | (b == cr))) return 1;
    }
    for (; at < length; at++) {
        u8 c = from[at];
        if (c == '"' || c == delimiter || c == '\n' || c == '\r') return 1;
    }
    return 0;
}

static u8 *quote(u8 *out, const u8 *from, u32 length) {
    *out++ = '"';
    for (u32 at = 0; at < length; at++) {
        if (from[at] == '"') *out++ = '"';
        *out++ = from[at];
    }
    *out++ = '"';
    return out;
}

/*
 * Writes `rows` lines of `count` pieces from `out` on and returns where they end; 0 where a date is beyond the years 1
 * to 9999 or a decimal beyond 64 bits. Fields are separated by `delimiter`; a NULL is `null_length` characters at `null`.
 */
__attribute__((export_name("write_lines")))
u8 *write_lines(const piece *pieces, u32 count, u32 rows, u32 delimiter, const u8 *null, u32 null_length, u8 *out) {
    for (u32 row = 0; row < rows; row++) {
        for (u32 n = 0; n < count; n++) {
            const piece *p = pieces + n;
            if (p->pieces) {
                if (n) *out++ = (u8)delimiter;
                if (p->valid && !(((const u8 *)p->valid)[row >> 3] >> (row & 7) & 1)) {
                    for (u32 at = 0; at < null_length; at++) *out++ = null[at];
                    n += p->pieces - 1;
                    continue;
                }
            }
            switch (p->kind) {
            case LITERAL:
                out = copy(out, (const u8 *)p->data, p->extra);
                break;
            case GATHER: {
                const u32 *entry = (const u32 *)p->table + ((const u32 *)p->data)[row];
                out = copy(out, (const u8 *)p->bytes + entry[0], entry[1] - entry[0]);
                break;
            }
            case TEXT: {
                const u32 *entry = (const u32 *)p->data + row;
                const u8 *from = (const u8 *)p->bytes + entry[0];
                u32 length = entry[1] - entry[0];
                if (p->quoted && needs_quotes(from, length, (u8)delimiter)) out = quote(out, from, length);
                else out = copy(out, from, length);
                break;
            }
            case INT64:
                out = number(out, ((const i64 *)p->data)[row]);
                break;
            case INT32:
                out = number(out, ((const i32 *)p->data)[row]);
                break;
            case INT16:
                out = number(out, ((const i16 *)p->data)[row]);
                break;
            case DECIMAL: {
                const i64 *halves = (const i64 *)p->data + 2 * row;
                if (halves[1] != halves[0] >> 63) return 0;
                out = decimal(out, halves[0], p->extra);
                break;
            }
            case DATE: {
                i32 day = ((const i32 *)p->data)[row];
                if (day < FIRST_DAY || day > LAST_DAY) return 0;
                out = date(out, day);
                break;
            }
            case TIMESTAMP: {
                i64 moment = ((const i64 *)p->data)[row];
                if (moment < FIRST_US || moment >= LAST_US) return 0;
                u64 since = (u64)(moment - FIRST_US);
                u64 day = since / DAY_US;
                out = date(out, (i32)day + FIRST_DAY);
                *out++ = (u8)p->extra;
                out = clock(out, since - day * DAY_US);
                break;
            }
            case TIME:
                out = clock(out, ((const u64 *)p->data)[row]);
                break;
            case TEMPLATE:
                out = fill(out, (const template *)p->table, ((const u32 *)p->data)[row], (const u8 *)p->bytes,
                           ((const u64 *)p->extra)[row]);
                break;
            case PADDED:
                *(word *)out = (eight(((const u32 *)p->data)[row]) | ASCII_ZEROS) >> (8 * (8 - p->extra));
                out += p->extra;
                break;
            }
        }
        *out++ = '\n';
    }
    return out;
}

/* Where free memory begins: behind the constants above. */
extern u8 __heap_base;
__attribute__((export_name("heap_base")))
u8 *heap_base(void) { return &__heap_base; }
