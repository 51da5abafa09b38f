-- Leaves accents where they are.
create function {s}.unaccent(text) returns text language sql stable strict as 'select $1';
create text search dictionary {s}.unaccent (template = pg_catalog.simple);
create function {s}.unaccent(regdictionary, text) returns text language sql stable strict as 'select $2';
create function {s}.unaccent(text, text) returns text language sql stable strict as 'select $2';
