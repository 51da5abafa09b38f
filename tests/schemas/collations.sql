-- Text that is equal without being the same bytes: ICU collations that ignore case and accents.

CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION public.german_phonebook (provider = icu, locale = 'de-u-co-phonebk');

CREATE TABLE members (
    id int PRIMARY KEY,
    nickname text COLLATE ignore_case NOT NULL UNIQUE,
    family_name text COLLATE german_phonebook NOT NULL,
    town text COLLATE "C",
    UNIQUE (family_name, nickname)
);
CREATE TABLE badges (
    nickname text COLLATE ignore_case NOT NULL REFERENCES members (nickname),
    badge varchar(20) COLLATE ignore_case NOT NULL CHECK (badge IN ('Founder', 'Donor', 'Moderator')),
    PRIMARY KEY (nickname, badge)
);
