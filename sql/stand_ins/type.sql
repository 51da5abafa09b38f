-- A type over text (collatable, so that unique keys can have it), with one number for a modifier.
-- bit's modifier goes up to 83,886,080: room for a shape and an SRID.
create type {type};
create function {input}(cstring) returns {type} language internal immutable strict as 'textin';
create function {output}({type}) returns cstring language internal immutable strict as 'textout';
create function {typmod_in}(cstring[]) returns integer language internal immutable strict as 'bittypmodin';
create function {typmod_out}(integer) returns cstring language internal immutable strict as 'bittypmodout';
create type {type} (
    input = {input}, output = {output}, typmod_in = {typmod_in}, typmod_out = {typmod_out},
    internallength = variable, storage = extended, category = 'U', collatable = true
);
create cast ({type} as text) without function as implicit;
create cast (text as {type}) without function as assignment;
create cast (varchar as {type}) without function as assignment;
