-- Names that need quotes: spaces, capitals, quotes, dots, keywords, other scripts, a newline, 63 bytes.

CREATE SCHEMA "My Schema";
CREATE TYPE "My Schema"."Order State" AS ENUM ('New', 'In Progress', 'Done; really', 'O''Neill', '');
CREATE DOMAIN "My Schema"."Post Code" AS varchar(10) CHECK (VALUE ~ '^\d{5}$');

CREATE TABLE "My Schema"."Order" (
    "Order ID" serial PRIMARY KEY,
    "select" text NOT NULL,
    "Straße" text,
    "naïve ""quoted"" name" varchar(30) NOT NULL CHECK ("naïve ""quoted"" name" <> ''),
    "State" "My Schema"."Order State" NOT NULL DEFAULT 'New',
    "post.code" "My Schema"."Post Code",
    "日本語" integer CHECK ("日本語" > 0),
    "имя" text,
    "line
break" boolean NOT NULL DEFAULT false,
    "trailing " date,
    "a'b" numeric(6, 2) CHECK ("a'b" >= 0),
    "back\slash" text,
    "{curly},comma" text,
    "$1" integer,
    CONSTRAINT "Order's unique name" UNIQUE ("naïve ""quoted"" name", "select")
);
COMMENT ON TABLE "My Schema"."Order" IS 'It''s the "order"; with ; semicolons';
COMMENT ON COLUMN "My Schema"."Order"."Straße" IS 'Straße und Hausnummer';

CREATE TABLE "My Schema"."order" (
    id int PRIMARY KEY,
    "Order ID" int NOT NULL REFERENCES "My Schema"."Order" ("Order ID"),
    "group" text,
    "user" text NOT NULL
);
CREATE UNIQUE INDEX "lower of ""user""" ON "My Schema"."order" (lower("user"));

CREATE TABLE "table" (
    "column" int PRIMARY KEY,
    "primary" text,
    "check" int CHECK ("check" IN (1, 2, 3)),
    "default" text DEFAULT 'x',
    "order" int,
    "end" date,
    "from" date,
    CHECK ("end" >= "from")
);

CREATE TABLE a_table_name_that_is_exactly_sixty_three_bytes_long_as_allowed_ (
    a_column_name_that_is_exactly_sixty_three_bytes_long_as_allowed int PRIMARY KEY,
    "Ünïcödé" text NOT NULL UNIQUE,
    "  leading" int,
    "emoji 🚲" text,
    "עברית" text,
    "tab	tab" text
);

CREATE TABLE "no columns" ();

CREATE TABLE "UPPER" (
    "ID" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "Id" bigint NOT NULL,
    id bigint NOT NULL,
    "CreatedAt" timestamptz NOT NULL,
    "UpdatedAt" timestamptz NOT NULL,
    UNIQUE ("Id", id),
    CHECK ("UpdatedAt" >= "CreatedAt")
);
CREATE TABLE "Dotted.Name" (
    "a.b" bigint NOT NULL,
    "a" bigint NOT NULL,
    "b.c" text,
    FOREIGN KEY ("a.b", "a") REFERENCES "UPPER" ("Id", id),
    PRIMARY KEY ("a.b", "a")
);
