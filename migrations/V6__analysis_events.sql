-- What each run did and when: many rows, written once, dropped by the quarter. Hence partitions by time.
create table analysis_events (
    id          bigint generated always as identity,
    analysis_id bigint      not null,
    occurred_at timestamptz not null default now(),
    kind        text        not null,
    detail      jsonb       not null default '{}',
    primary key (id, occurred_at),
    constraint analysis_events_analysis_id_fkey
        foreign key (analysis_id) references analyses (id) on delete cascade
) partition by range (occurred_at);

create index analysis_events_analysis_id_idx on analysis_events (analysis_id, occurred_at);
create index analysis_events_occurred_at_idx on analysis_events using brin (occurred_at);

create table analysis_events_2026_q1 partition of analysis_events
    for values from ('2026-01-01 00:00:00+00') to ('2026-04-01 00:00:00+00');

create table analysis_events_2026_q2 partition of analysis_events
    for values from ('2026-04-01 00:00:00+00') to ('2026-07-01 00:00:00+00');

create table analysis_events_2026_q3 partition of analysis_events
    for values from ('2026-07-01 00:00:00+00') to ('2026-10-01 00:00:00+00');

create table analysis_events_2026_q4 partition of analysis_events
    for values from ('2026-10-01 00:00:00+00') to ('2027-01-01 00:00:00+00');

-- Rows here mean that a quarter's partition was not made in time; monitored.
create table analysis_events_default partition of analysis_events default;

comment on table analysis_events is 'Progress of analyses, partitioned by quarter (UTC).';
