-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
create table log (id bigint);
-- hazard
create rule note as on insert to accounts do also insert into log values (new.id);
-- recipe
create function note() returns trigger language plpgsql as $$
begin
    insert into log values (new.id);
    return null;
end
$$;
create trigger note after insert on accounts for each row execute function note();
