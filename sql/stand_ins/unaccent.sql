-- Leaves accents where they are.
create function {s}.unaccent(text) returns text language sql stable strict as 'select $1';
