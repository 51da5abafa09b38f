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

enum kind { LITERAL, GATHER, TEXT, INTEGER, DECIMAL, DATE, TIMESTAMP, TIME, TEMPLATE };

/* Where a piece has its number from. All but the first four are drawn from the row's number: start + step * pick. */
enum source { INT16, INT32, INT64, INT128, UNIFORM, WIDE, HALVES };

/* One piece of a field, as `lines.py` packs it. */
typedef struct {
    u64 key, count; /* of the draw; HALVES: two counts of 32 bits */
    i64 start, step;
    u64 null_key, null_limit; /* on a field's first piece: how many of 2^32 draws with the key make it NULL */
    u64 fill_key;   /* TEMPLATE without numbers: draws them */
    u32 kind, source;
    u32 data;       /* the numbers; LITERAL: the text; TEXT: offsets */
    u32 rows;       /* the rows' own numbers, 64 bits each, for draws */
    u32 table;      /* GATHER: offsets of the entries; TEMPLATE: `template` records */
    u32 bytes;      /* GATHER, TEXT, TEMPLATE: the characters that offsets count from */
    u32 extra;      /* LITERAL: length; DECIMAL: scale; TIMESTAMP: separator; TEMPLATE: a number per row, or 0 */
    u32 valid;      /* a bit per row, on the first piece of a field; 0 where nothing is NULL */
    u32 pieces;     /* on the first piece of a field: how many it has; 0 on the others */
    u32 quoted;     /* TEXT: whether the characters decide about quotes (CSV) or are taken as they are */
} piece;

/* A pattern with free characters: `wild` pairs of (place, base), from the right; `digits` when it has at most eight and
   the base of all is 10. */
typedef struct { u64 size; u32 start, length, wild, count, digits, spare; } template;

/* The same mixing as `app/generator/keys.py`: SplitMix64 over a Weyl sequence. */
static inline u64 draw(u64 key, i64 row) {
    u64 x = (u64)row * 0x9E3779B97F4A7C15ull + key;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return x ^ x >> 31;
}

/* The high half of a product of two 64-bit numbers. */
static inline u64 high(u64 a, u64 b) {
    u64 a1 = a >> 32, a0 = (u32)a, b1 = b >> 32, b0 = (u32)b;
    u64 middle = a1 * b0 + (a0 * b0 >> 32);
    __asm__("" : "+r"(middle)); /* or the compiler sees a 128-bit product, and calls a library that is not here */
    return a1 * b1 + (middle >> 32) + ((a0 * b1 + (u32)middle) >> 32);
}

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

static inline u8 *fill(u8 *out, const template *pattern, const u8 *bytes, u64 value) {
    const u32 *wild = (const u32 *)pattern->wild;
    copy(out, bytes + pattern->start, pattern->length);
    if (pattern->digits) {
        u64 ascii = eight((u32)value) | ASCII_ZEROS;
        for (u32 n = 0; n < pattern->count; n++) out[wild[2 * n]] = (u8)(ascii >> (56 - 8 * n));
        return out + pattern->length;
    }
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

/* Rows are made side by side, a piece of all of them at a time: loops without a choice in them, whose rounds do not
   wait for each other. Each row has a place of its own in `scratch`; whole lines are then moved together. */
#define MOST_BLOCK 64

static u8 *ends[MOST_BLOCK];       /* where each row's line has got to */
static u32 live[MOST_BLOCK];       /* the rows whose field is not NULL */
static i64 numbers[MOST_BLOCK];    /* a piece's number in each of them */
static u64 fillings[MOST_BLOCK];

typedef struct {
    const piece *pieces;
    u32 count, first, stop, delimiter; /* how many pieces; rows `first` to `stop` of their columns */
    const u8 *null;
    u32 null_length;
    u8 *scratch;
    u32 stride, block; /* bytes of a row in `scratch`, and rows of it, at most MOST_BLOCK */
    u8 *out;
} request;

#define EACH for (u32 j = 0; j < count; j++)

static void find_numbers(const piece *p, u32 base, u32 count) {
    const i64 *rows = (const i64 *)p->rows + base;
    const i64 start = p->start, step = p->step;
    const u64 key = p->key, range = p->count;
    switch (p->source) {
    case INT16: { const i16 *from = (const i16 *)p->data + base; EACH numbers[j] = from[live[j]]; return; }
    case INT32: { const i32 *from = (const i32 *)p->data + base; EACH numbers[j] = from[live[j]]; return; }
    case INT64: { const i64 *from = (const i64 *)p->data + base; EACH numbers[j] = from[live[j]]; return; }
    case INT128: { const i64 *from = (const i64 *)p->data + 2 * base; EACH numbers[j] = from[2 * live[j]]; return; }
    case UNIFORM:
        EACH numbers[j] = start + step * (i64)((draw(key, rows[live[j]]) >> 32) * range >> 32);
        return;
    case WIDE:
        EACH numbers[j] = start + step * (i64)high(draw(key, rows[live[j]]), range);
        return;
    case HALVES:
        /* The highest bit chooses the half, the next 32 the place in it. */
        EACH {
            u64 word = draw(key, rows[live[j]]), first = (u32)range;
            u64 behind = word >> 63, size = behind ? range >> 32 : first;
            numbers[j] = (i64)(((word >> 31 & 0xffffffff) * size >> 32) + (behind ? first : 0));
        }
        return;
    }
}

/* Which rows of the block have the field; NULL is written where it is not. Returns how many have it. */
static u32 find_live(const request *r, const piece *p, u32 base, u32 rows, u32 lead) {
    u32 count = 0;
    const u8 *valid = (const u8 *)p->valid;
    const i64 *own = (const i64 *)p->rows + base;
    for (u32 row = 0; row < rows; row++) {
        u32 at = base + row;
        u32 here = !valid || (valid[at >> 3] >> (at & 7) & 1);
        if (p->null_limit) here &= draw(p->null_key, own[row]) >> 32 >= p->null_limit;
        u8 *out = ends[row];
        *out = (u8)r->delimiter;
        /* Written in any case, and kept only where the field is NULL. */
        if (r->null_length) copy(out + lead, r->null, r->null_length);
        ends[row] = out + (here ? 0 : lead + r->null_length);
        live[count] = row;
        count += here;
    }
    return count;
}

#define WRITE(expression)                 \
    EACH {                                \
        u8 *out = ends[live[j]];          \
        *out = delimiter;                 \
        out += lead;                      \
        ends[live[j]] = (expression);     \
    }

/* Writes a piece of the live rows, the delimiter before it when `lead` is 1; 0 for what cannot be written. */
static int write_piece(const piece *p, u32 base, u32 count, u8 delimiter, u32 lead) {
    const u8 *bytes = (const u8 *)p->bytes;
    const u32 extra = p->extra;
    if (p->kind != LITERAL && p->kind != TEXT) find_numbers(p, base, count);
    switch (p->kind) {
    case LITERAL:
        WRITE(copy(out, (const u8 *)p->data, extra))
        return 1;
    case GATHER: {
        const u32 *table = (const u32 *)p->table;
        EACH {
            const u32 *entry = table + (u32)numbers[j];
            u8 *out = ends[live[j]];
            *out = delimiter;
            ends[live[j]] = copy(out + lead, bytes + entry[0], entry[1] - entry[0]);
        }
        return 1;
    }
    case TEXT: {
        const u32 *offsets = (const u32 *)p->data + base;
        EACH {
            const u32 *entry = offsets + live[j];
            const u8 *from = bytes + entry[0];
            u32 length = entry[1] - entry[0];
            u8 *out = ends[live[j]];
            *out = delimiter;
            out += lead;
            int quotes = p->quoted && needs_quotes(from, length, delimiter);
            ends[live[j]] = quotes ? quote(out, from, length) : copy(out, from, length);
        }
        return 1;
    }
    case INTEGER:
        WRITE(number(out, numbers[j]))
        return 1;
    case DECIMAL:
        if (p->source == INT128) {
            const i64 *halves = (const i64 *)p->data + 2 * base;
            EACH if (halves[2 * live[j] + 1] != numbers[j] >> 63) return 0;
        }
        WRITE(decimal(out, numbers[j], extra))
        return 1;
    case DATE:
        EACH if (numbers[j] < FIRST_DAY || numbers[j] > LAST_DAY) return 0;
        WRITE(date(out, (i32)numbers[j]))
        return 1;
    case TIMESTAMP:
        EACH if (numbers[j] < FIRST_US || numbers[j] >= LAST_US) return 0;
        EACH {
            u64 since = (u64)(numbers[j] - FIRST_US);
            u64 day = since / DAY_US;
            u8 *out = ends[live[j]];
            *out = delimiter;
            out = date(out + lead, (i32)day + FIRST_DAY);
            *out++ = (u8)extra;
            ends[live[j]] = clock(out, since - day * DAY_US);
        }
        return 1;
    case TIME:
        WRITE(clock(out, (u64)numbers[j]))
        return 1;
    case TEMPLATE: {
        const template *patterns = (const template *)p->table;
        const i64 *rows = (const i64 *)p->rows + base;
        if (extra) EACH fillings[j] = ((const u64 *)extra)[base + live[j]];
        else EACH fillings[j] = (draw(p->fill_key, rows[live[j]]) >> 32) * patterns[numbers[j]].size >> 32;
        WRITE(fill(out, patterns + numbers[j], bytes, fillings[j]))
        return 1;
    }
    }
    return 0;
}

/*
 * Writes the lines of rows `first` to `stop` from `out` on and returns where they end; 0 where a date is beyond the years 1
 * to 9999 or a decimal beyond 64 bits. Fields are separated by `delimiter`; a NULL is `null_length` characters at `null`.
 */
__attribute__((export_name("write_lines")))
u8 *write_lines(const request *r) {
    u8 *out = r->out;
    for (u32 base = r->first; base < r->stop; base += r->block) {
        u32 rows = r->stop - base < r->block ? r->stop - base : r->block, count = rows;
        for (u32 row = 0; row < rows; row++) ends[row] = r->scratch + row * r->stride;
        for (u32 n = 0; n < r->count; n++) {
            const piece *p = r->pieces + n;
            u32 lead = p->pieces && n;
            if (p->pieces) {
                if (p->valid || p->null_limit) count = find_live(r, p, base, rows, lead);
                else for (count = 0; count < rows; count++) live[count] = count;
            }
            if (!write_piece(p, base, count, (u8)r->delimiter, lead)) return 0;
        }
        for (u32 row = 0; row < rows; row++) {
            const u8 *line = r->scratch + row * r->stride;
            *ends[row]++ = '\n';
            out = copy(out, line, (u32)(ends[row] - line));
        }
    }
    return out;
}

/* Where free memory begins: behind the constants above. */
extern u8 __heap_base;
__attribute__((export_name("heap_base")))
u8 *heap_base(void) { return &__heap_base; }
