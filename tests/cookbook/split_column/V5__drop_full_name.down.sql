-- Names come back with single spaces; how they were spaced before is lost. Rewrites the table.
create function customer_given_name(full_name text) returns text
    language sql immutable
as $$
    select split_part(btrim(full_name), ' ', 1)
$$;

create function customer_family_name(full_name text) returns text
    language sql immutable
as $$
    select nullif(ltrim(substr(btrim(full_name), length(split_part(btrim(full_name), ' ', 1)) + 1)), '')
$$;

alter table customers add column full_name text;

update customers set full_name = concat_ws(' ', given_name, family_name);

alter table customers alter column full_name set not null;

create function customers_names_in_step() returns trigger
    language plpgsql
as $$
declare
    given text := customer_given_name(new.full_name);
    family text := customer_family_name(new.full_name);
    by_old_writer boolean := case
        when tg_op = 'INSERT' then new.given_name is null and new.family_name is null
        else (new.given_name, new.family_name) is not distinct from (old.given_name, old.family_name)
    end;
begin
    if tg_op = 'UPDATE' and new.given_name is not null
        and (new.full_name, new.given_name, new.family_name) is not distinct from (old.full_name, old.given_name, old.family_name)
    then
        -- Something else was written; what somebody has made of the name stays.
        return new;
    elsif (new.given_name, new.family_name) is not distinct from (given, family) then
        return new;
    elsif by_old_writer then
        new.given_name := given;
        new.family_name := family;
    else
        new.full_name := concat_ws(' ', new.given_name, new.family_name);
    end if;
    return new;
end
$$;

create trigger customers_names_in_step before insert or update on customers
    for each row execute function customers_names_in_step();
