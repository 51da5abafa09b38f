-- Texts that have to be documents.
CREATE TABLE scripts (
    id int PRIMARY KEY,
    args text NOT NULL CHECK (args IS JSON ARRAY),
    labels varchar(400) CHECK (labels IS JSON OBJECT)
);
