-- Trees and chains inside a table, with keys that carry the tenant along: the reference takes the tenant over
-- unchanged, with or without a table of tenants, NULL allowed or not, and with checks and keys that read it.

CREATE TABLE tenants (
    id int PRIMARY KEY,
    name text NOT NULL
);

-- Nothing but the tree itself knows the tenants.
CREATE TABLE folders (
    tenant_id int NOT NULL,
    id int NOT NULL,
    parent_id int,
    name text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES folders (tenant_id, id)
);

-- The first of a group is its own superior.
CREATE TABLE officers (
    corps_id smallint NOT NULL CHECK (corps_id BETWEEN 1 AND 12),
    badge_no int NOT NULL,
    superior_no int NOT NULL,
    surname text NOT NULL,
    PRIMARY KEY (corps_id, badge_no),
    FOREIGN KEY (corps_id, superior_no) REFERENCES officers (corps_id, badge_no)
);

-- Two references of which one may be missing; the tenant is one of its own.
CREATE TABLE machines (
    tenant_id int NOT NULL REFERENCES tenants,
    serial_no varchar(20) NOT NULL,
    part_of varchar(20) NOT NULL,
    replaced_by varchar(20),
    bought_on date,
    PRIMARY KEY (tenant_id, serial_no),
    FOREIGN KEY (tenant_id, part_of) REFERENCES machines (tenant_id, serial_no),
    FOREIGN KEY (tenant_id, replaced_by) REFERENCES machines (tenant_id, serial_no)
);

-- Checks that read the reference, and keys that only looking keeps.
CREATE TABLE posts (
    tenant_id int NOT NULL REFERENCES tenants,
    slug varchar(60) NOT NULL,
    reply_to varchar(60),
    depth int NOT NULL,
    place smallint NOT NULL CHECK (place BETWEEN 1 AND 20),
    PRIMARY KEY (tenant_id, slug),
    UNIQUE (tenant_id, reply_to, place),
    FOREIGN KEY (tenant_id, reply_to) REFERENCES posts (tenant_id, slug),
    CONSTRAINT not_to_itself CHECK (reply_to <> slug),
    CONSTRAINT roots_are_flat CHECK ((reply_to IS NULL) = (depth = 0)),
    CHECK (depth >= 0)
);

CREATE TABLE menus (
    id int PRIMARY KEY,
    tenant_id int NOT NULL REFERENCES tenants,
    parent_id int,
    title text NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES menus (tenant_id, id),
    CHECK (parent_id IS DISTINCT FROM id)
);
CREATE UNIQUE INDEX menus_titles ON menus (tenant_id, COALESCE(parent_id, 0), lower(title));

-- Each is followed by one at most; all of the reference is there or nothing.
CREATE TABLE versions (
    document_no int,
    version_no int NOT NULL,
    follows int UNIQUE,
    PRIMARY KEY (version_no),
    UNIQUE (document_no, version_no),
    FOREIGN KEY (document_no, follows) REFERENCES versions (document_no, version_no)
);
CREATE TABLE revisions (
    document_no int,
    revision_no int PRIMARY KEY,
    follows int,
    UNIQUE (document_no, revision_no),
    FOREIGN KEY (document_no, follows) REFERENCES revisions (document_no, revision_no) MATCH FULL
);

create table menus (
    id int primary key,
    path int[] not null unique check (cardinality(path) between 1 and 5),
    parent_id int references menus,
    check (path[array_upper(path, 1)] = id),
    check ((parent_id is null) = (cardinality(path) = 1))
);

-- Each revision of a page follows the one before it.
create table pages (id int primary key, title text not null);
create table revisions (
    page_id int references pages,
    rev int check (rev > 0),
    prev_rev int,
    primary key (page_id, rev),
    foreign key (page_id, prev_rev) references revisions,
    check (prev_rev < rev),
    check ((rev = 1) = (prev_rev is null)),
    check (prev_rev = rev - 1)
);

-- Lines: each row leads to the one before it, by its number and by its hash, and the first to none.
CREATE TABLE blocks (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    prev_seq bigint UNIQUE REFERENCES blocks,
    hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
    prev_hash text UNIQUE REFERENCES blocks (hash),
    CHECK (prev_seq = seq - 1),
    CHECK ((seq = 1) = (prev_seq IS NULL)),
    CHECK ((prev_seq IS NULL) = (prev_hash IS NULL)),
    CHECK (hash <> prev_hash)
);

CREATE TABLE sheets (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE sheet_states (
    sheet_id int REFERENCES sheets,
    state int CHECK (state >= 0),
    came_from int,
    note text,
    PRIMARY KEY (sheet_id, state),
    UNIQUE NULLS NOT DISTINCT (sheet_id, came_from),
    FOREIGN KEY (sheet_id, came_from) REFERENCES sheet_states,
    CHECK (came_from < state),
    CHECK (came_from IS NULL OR state = came_from + 1),
    CHECK ((state = 0) = (came_from IS NULL))
);

-- Nested sets: a number on either side of each node, all of them distinct.
CREATE TABLE nested (
    id int PRIMARY KEY,
    lft int NOT NULL UNIQUE,
    rgt int NOT NULL UNIQUE,
    CHECK (rgt > lft),
    CHECK ((rgt - lft) % 2 = 1)
);

-- A line without numbers: any but the first has one before it.
CREATE TABLE entries (
    id bigint PRIMARY KEY,
    prev_id bigint UNIQUE REFERENCES entries,
    CHECK (id = 1 OR prev_id IS NOT NULL),
    CHECK (prev_id < id)
);

-- Lines of no parent: a few versions of each code.
CREATE TABLE price_plans (
    code text,
    version smallint CHECK (version >= 1),
    replaces smallint,
    PRIMARY KEY (code, version),
    FOREIGN KEY (code, replaces) REFERENCES price_plans,
    CHECK (replaces = version - 1),
    CHECK ((version = 1) = (replaces IS NULL))
);

-- Rows that name the root of their tree beside what they answer: one at the top is its own root.
CREATE TABLE talks (id int PRIMARY KEY, parent_id int, root_id int NOT NULL, subject text NOT NULL, depth int NOT NULL, UNIQUE (id, root_id), FOREIGN KEY (parent_id, root_id) REFERENCES talks (id, root_id), CHECK ((parent_id IS NULL) = (root_id = id)), CHECK (parent_id <> id), CHECK ((parent_id IS NULL) = (depth = 0)), CHECK (depth BETWEEN 0 AND 5));
CREATE TABLE answers (tenant int NOT NULL, id uuid PRIMARY KEY, reply_to uuid, thread uuid NOT NULL, body text, UNIQUE (id, thread), FOREIGN KEY (reply_to, thread) REFERENCES answers (id, thread), CHECK (reply_to IS NOT NULL OR thread = id));
