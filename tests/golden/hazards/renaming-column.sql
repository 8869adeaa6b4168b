-- before
create table accounts (id bigint primary key, email text, kind text default 'free');
insert into accounts select n, 'a' || n from generate_series(1, 100) n;
-- hazard
alter table accounts rename column email to mail;
-- recipe 1
alter table accounts add column mail text;
create function mail_of_email() returns trigger language plpgsql as $$
begin
    new.mail := coalesce(new.mail, new.email);
    new.email := new.mail;
    return new;
end
$$;
create trigger mail before insert on accounts for each row execute function mail_of_email();
-- recipe 2
-- In batches where the table is large: docs/backfills.md.
update accounts set mail = email where mail is null;
