-- An online game: composite types, arrays of domains and enums, ranges of an own type, bit flags, tight uniques.

CREATE TYPE rarity AS ENUM ('common', 'uncommon', 'rare', 'epic', 'legendary');
CREATE TYPE element AS ENUM ('fire', 'water', 'earth', 'air');
CREATE TYPE position3 AS (x real, y real, z real);
CREATE TYPE float_span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE stat_line AS (attack smallint, defence smallint, tags text[]);
CREATE DOMAIN level_no AS smallint CHECK (VALUE >= 1 AND VALUE <= 99);
CREATE DOMAIN handle AS varchar(16) CHECK (VALUE ~ '^[A-Za-z][A-Za-z0-9_]{2,15}$');
CREATE DOMAIN strong_level AS level_no CHECK (VALUE >= 50);

CREATE TABLE players (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handle handle NOT NULL,
    email varchar(200) NOT NULL UNIQUE,
    country char(2),
    level level_no NOT NULL DEFAULT 1,
    experience bigint NOT NULL DEFAULT 0 CHECK (experience >= 0 AND experience >= (level - 1) * 1000::bigint),
    gold int NOT NULL DEFAULT 0 CHECK (gold >= 0),
    flags bit(8) NOT NULL DEFAULT B'00000000',
    permissions bit varying(32),
    last_position position3,
    play_time interval NOT NULL DEFAULT '0' CHECK (play_time >= '0 seconds'),
    joined_at timestamp(0) NOT NULL,
    banned_until timestamptz CHECK (banned_until = 'infinity' OR banned_until > '2024-01-01 00:00+00'),
    invited_by bigint REFERENCES players ON DELETE SET NULL
);
CREATE UNIQUE INDEX players_handle ON players (lower(handle));

CREATE TABLE guilds (
    tag char(4) PRIMARY KEY CHECK (tag ~ '^[A-Z0-9]{2,4}$'),
    name text NOT NULL,
    leader_id bigint NOT NULL UNIQUE REFERENCES players,
    motto text CHECK (motto !~ '[<>]' AND length(motto) < 120),
    level_span int4range NOT NULL DEFAULT '[1,100)' CHECK (level_span <@ '[1,100)'::int4range AND NOT isempty(level_span))
);
CREATE UNIQUE INDEX guilds_name ON guilds ((lower(btrim(name))));

CREATE TABLE guild_members (
    guild_tag char(4) NOT NULL REFERENCES guilds ON UPDATE CASCADE ON DELETE CASCADE,
    player_id bigint NOT NULL REFERENCES players ON DELETE CASCADE,
    rank smallint NOT NULL CHECK (rank BETWEEN 1 AND 5),
    joined_on date NOT NULL,
    PRIMARY KEY (guild_tag, player_id),
    -- A player is in one guild.
    UNIQUE (player_id)
);

CREATE TABLE items (
    id int PRIMARY KEY,
    name text NOT NULL UNIQUE,
    rarity rarity NOT NULL,
    elements element[] CHECK (cardinality(elements) BETWEEN 1 AND 2),
    stats stat_line,
    bonuses level_no[],
    drop_rate double precision NOT NULL CHECK (drop_rate > 0 AND drop_rate <= 1),
    damage float_span,
    min_level strong_level,
    stackable boolean NOT NULL,
    max_stack smallint NOT NULL,
    CONSTRAINT stack CHECK (stackable OR max_stack = 1),
    CONSTRAINT stack_size CHECK (max_stack >= 1 AND max_stack <= 99),
    CONSTRAINT legends_do_not_stack CHECK (rarity <> 'legendary' OR NOT stackable)
);

CREATE TABLE inventory (
    player_id bigint NOT NULL REFERENCES players ON DELETE CASCADE,
    bag smallint NOT NULL CHECK (bag BETWEEN 0 AND 3),
    slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 15),
    item_id int NOT NULL REFERENCES items,
    amount smallint NOT NULL DEFAULT 1 CHECK (amount >= 1 AND amount <= 99),
    enchantments jsonb CHECK (jsonb_typeof(enchantments) = 'array'),
    PRIMARY KEY (player_id, bag, slot)
);

CREATE TABLE matches (
    id uuid PRIMARY KEY,
    mode text NOT NULL CHECK (mode IN ('duel', 'team', 'royale')),
    map_code "char" NOT NULL CHECK (map_code IN ('a', 'b', 'c', 'd')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    duration interval GENERATED ALWAYS AS (ended_at - started_at) STORED,
    winner_team smallint CHECK (winner_team IN (1, 2)),
    seed oid NOT NULL,
    CHECK (ended_at IS NULL OR (ended_at > started_at AND ended_at <= started_at + interval '90 minutes')),
    CHECK (winner_team IS NULL OR ended_at IS NOT NULL)
);

CREATE TABLE match_players (
    match_id uuid NOT NULL REFERENCES matches ON DELETE CASCADE,
    player_id bigint NOT NULL REFERENCES players,
    team smallint NOT NULL CHECK (team IN (1, 2)),
    seat smallint NOT NULL CHECK (seat BETWEEN 1 AND 5),
    kills smallint NOT NULL DEFAULT 0 CHECK (kills >= 0),
    deaths smallint NOT NULL DEFAULT 0 CHECK (deaths >= 0),
    score int GENERATED ALWAYS AS (kills * 100 - deaths * 25) STORED,
    path path,
    PRIMARY KEY (match_id, player_id),
    UNIQUE (match_id, team, seat)
);

CREATE TABLE friendships (
    low_id bigint NOT NULL REFERENCES players ON DELETE CASCADE,
    high_id bigint NOT NULL REFERENCES players ON DELETE CASCADE,
    since date NOT NULL DEFAULT CURRENT_DATE,
    -- Stored once, the smaller number first.
    CONSTRAINT in_order CHECK (low_id < high_id),
    PRIMARY KEY (low_id, high_id)
);

CREATE TABLE leaderboards (
    season smallint NOT NULL CHECK (season > 0 AND season <= 40),
    place smallint NOT NULL CHECK (place BETWEEN 1 AND 100),
    player_id bigint NOT NULL REFERENCES players,
    rating numeric(6, 1) NOT NULL,
    PRIMARY KEY (season, place),
    UNIQUE (season, player_id)
);
