-- Closes the door first: from here on a duplicate is refused, as the unique index of V4 will refuse it. Otherwise one comes in while
-- the others are merged, and the index cannot be built.
-- hardtack: no-transaction
-- hardtack: lock-timeout 2s
create function subscriber_key(email text) returns text
    language sql immutable
as $$
    select lower(btrim(email))
$$;

create index concurrently subscribers_key_idx on subscribers (subscriber_key(email));

create table subscriber_duplicates (
    id bigint primary key,
    kept_id bigint not null,
    email text not null,
    confirmed_at timestamptz,
    unsubscribed_at timestamptz,
    deliveries bigint[] not null,
    merged_at timestamptz not null default now()
);

-- The lock makes two transactions that bring the same address wait for one another; the second sees what the first has written.
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

-- A duplicate that is there may still be confirmed or unsubscribed.
create trigger subscribers_refuse_changed before update of email on subscribers
    for each row when (subscriber_key(old.email) <> subscriber_key(new.email))
    execute function subscribers_refuse_duplicates();
