-- hardtack: no-transaction
create index concurrently subscribers_key_idx on subscribers (subscriber_key(email));

create function subscribers_refuse_duplicates() returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('subscribers ' || subscriber_key(new.email), 0));
    if exists (select from subscribers where subscriber_key(email) = subscriber_key(new.email) and id <> new.id) then
        raise unique_violation using
            message = 'a subscriber with this address exists',
            constraint = 'subscribers_key_unique';
    end if;
    return new;
end
$$;

create trigger subscribers_refuse_new before insert on subscribers
    for each row execute function subscribers_refuse_duplicates();

create trigger subscribers_refuse_changed before update of email on subscribers
    for each row when (subscriber_key(old.email) <> subscriber_key(new.email))
    execute function subscribers_refuse_duplicates();

drop index concurrently subscribers_key_unique;
