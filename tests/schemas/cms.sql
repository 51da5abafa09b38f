-- Content management: citext, ltree, hstore, vector, trigram and full-text indexes, json checks, a table per kind.

CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TYPE content_state AS ENUM ('draft', 'in review', 'published', 'archived');
CREATE DOMAIN slug AS citext CHECK (VALUE ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(VALUE) <= 80);

CREATE TABLE locales (
    tag varchar(8) PRIMARY KEY CHECK (tag ~ '^[a-z]{2}(-[A-Z]{2})?$'),
    english_name text NOT NULL,
    fallback varchar(8) REFERENCES locales
);

CREATE TABLE authors (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    handle citext NOT NULL UNIQUE,
    name text NOT NULL,
    email citext NOT NULL UNIQUE CHECK (email LIKE '%@%'),
    bio text,
    website text CHECK (website ~* '^https?://[a-z0-9.-]+(/.*)?$'),
    social hstore,
    avatar_url text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sections (
    path ltree PRIMARY KEY CHECK (nlevel(path) BETWEEN 1 AND 5),
    title text NOT NULL,
    attributes hstore NOT NULL DEFAULT ''::hstore,
    position int NOT NULL DEFAULT 0,
    trail ltree NOT NULL CHECK (trail ~ 'site|shop.*{1,2}.page*')
);
CREATE INDEX sections_path_gist ON sections USING gist (path);

CREATE TABLE articles (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    locale varchar(8) NOT NULL REFERENCES locales,
    slug slug NOT NULL,
    section ltree NOT NULL REFERENCES sections,
    author_id uuid NOT NULL REFERENCES authors,
    state content_state NOT NULL DEFAULT 'draft',
    title varchar(200) NOT NULL CHECK (title <> '' AND title !~ '^\s|\s$'),
    body text NOT NULL,
    words int NOT NULL CHECK (words >= 0),
    search tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', body)) STORED,
    meta jsonb NOT NULL DEFAULT '{}',
    keywords citext[] DEFAULT '{}',
    embedding vector(8),
    published_at timestamptz,
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    translation_of bigint REFERENCES articles,
    UNIQUE (locale, slug),
    CONSTRAINT meta_is_object CHECK (jsonb_typeof(meta) = 'object' AND octet_length(meta::text) < 8000),
    CONSTRAINT published_has_date CHECK (state NOT IN ('published', 'archived') OR published_at IS NOT NULL),
    CONSTRAINT archived_has_date CHECK ((state = 'archived' AND archived_at IS NOT NULL) OR (state <> 'archived' AND archived_at IS NULL)),
    CONSTRAINT times CHECK (updated_at >= created_at AND (published_at IS NULL OR published_at >= created_at) AND (archived_at IS NULL OR archived_at >= published_at)),
    CONSTRAINT not_its_own_translation CHECK (translation_of IS DISTINCT FROM id)
);
CREATE INDEX articles_search ON articles USING gin (search);
CREATE INDEX articles_title_trgm ON articles USING gin (title gin_trgm_ops);
CREATE INDEX articles_embedding ON articles USING hnsw (embedding vector_l2_ops);
CREATE UNIQUE INDEX articles_one_translation ON articles (translation_of, locale) WHERE translation_of IS NOT NULL;
CREATE UNIQUE INDEX articles_title_per_day ON articles (lower((title)::text), ((created_at AT TIME ZONE 'UTC')::date));

CREATE TABLE media (
    sha256 char(64) PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    file_name text NOT NULL CHECK (file_name ~ '\.(jpe?g|png|gif|mp4|pdf)$'),
    mime text NOT NULL CHECK (mime ~ '^(image|video|application)/[a-z0-9.+-]+$'),
    bytes bigint NOT NULL CHECK (bytes > 0 AND bytes <= 1073741824),
    width int CHECK (width > 0),
    height int CHECK (height > 0),
    duration_s numeric(8, 2),
    focal_point point,
    exif jsonb,
    licence text,
    CHECK ((width IS NULL) = (height IS NULL)),
    CHECK (mime NOT LIKE 'video/%' OR duration_s IS NOT NULL)
);

CREATE TABLE article_media (
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    media_sha256 char(64) NOT NULL REFERENCES media,
    position smallint NOT NULL CHECK (position >= 0),
    caption text,
    PRIMARY KEY (article_id, position),
    UNIQUE (article_id, media_sha256)
);

CREATE TABLE comments (
    id bigserial PRIMARY KEY,
    article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
    parent_id bigint,
    author_id uuid REFERENCES authors,
    guest_name text,
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 2000),
    ip inet,
    posted_at timestamptz NOT NULL,
    UNIQUE (article_id, id),
    -- An answer stands below the same article.
    FOREIGN KEY (article_id, parent_id) REFERENCES comments (article_id, id) ON DELETE CASCADE,
    CONSTRAINT somebody_wrote_it CHECK ((author_id IS NULL) <> (guest_name IS NULL))
);

CREATE TABLE redirects (
    source text NOT NULL CHECK (source LIKE '/%' AND source NOT LIKE '%//%'),
    target text NOT NULL,
    status smallint NOT NULL DEFAULT 301 CHECK (status IN (301, 302, 307, 308)),
    hits bigint NOT NULL DEFAULT 0,
    CHECK (source <> target)
);
CREATE UNIQUE INDEX redirects_source ON redirects (md5(source));
