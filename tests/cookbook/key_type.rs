use hardtack_cookbook::key_type::REVISIONS;

use super::{Application, Kitchen};

/// The first and the last key there can be, a gap, notes of nothing.
const ROWS: &str = "insert into events (title) values ('Æ'), ('gone'), ('c'); delete from events where title = 'gone';
    insert into events values (-2147483648, 'least'), (2147483647, 'last');
    insert into event_notes (event_id, note) values (1, 'one'), (1, ''), (null, 'of nothing'), (-2147483648, 'l'), (2147483647, 'm')";

const EVENTS: &str = "select id, title from events order by id";
const NOTES: &str = "select id, event_id, note from event_notes order by id";
const TYPES: &str = "select concat_ws(' ', pg_typeof(events.id), pg_typeof(event_id), (select data_type from pg_sequences \
                     where sequencename = 'events_id_seq')) from events join event_notes on event_id = events.id limit 1";

#[tokio::test]
async fn keys_grow_and_go_back_while_they_fit() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let (events, notes) = (kitchen.rows(EVENTS).await, kitchen.rows(NOTES).await);
    for _ in 0..2 {
        kitchen.up(6).await;
        assert_eq!(kitchen.value(TYPES).await, "bigint bigint bigint");
        assert_eq!((kitchen.rows(EVENTS).await, kitchen.rows(NOTES).await), (events.clone(), notes.clone()));
        assert_eq!(kitchen.value("insert into events (title) values ('next') returning id > 3").await, "t");
        kitchen.execute("delete from events where title = 'next'").await;
        kitchen.down(1).await;
        assert_eq!(kitchen.value(TYPES).await, "integer integer integer");
        assert_eq!((kitchen.rows(EVENTS).await, kitchen.rows(NOTES).await), (events.clone(), notes.clone()));
    }
}

#[tokio::test]
async fn a_wide_key_holds_the_way_back_up_and_nothing_is_changed() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    kitchen.up(6).await;
    kitchen
        .execute(
            "select setval('events_id_seq', 3000000000); insert into events (title) values ('wide'); \
                  insert into event_notes (event_id, note) values (3000000001, 'wide')",
        )
        .await;
    let error = kitchen.try_down(1).await.unwrap_err();
    assert!(error.contains("column \"id\"") && error.contains("null values"), "{error}");
    assert_eq!(kitchen.value(TYPES).await, "bigint bigint bigint");
    let refused =
        kitchen.refused("insert into event_notes (event_id, note) values (4000000000, 'orphan')").await;
    assert!(refused.contains("event_notes_event_id_fkey"), "{refused}");
    kitchen.execute("delete from events where title = 'wide'; select setval('events_id_seq', 4)").await;
    assert_eq!(
        kitchen.value("select count(*) from event_notes where note = 'wide'").await,
        "0",
        "deletes cascade"
    );
    kitchen.down(1).await;
    kitchen.up(6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_with_their_notes_and_go_meanwhile() {
    let many = "insert into events (title) select 'Event ' || i from generate_series(1, 20000) i;
        insert into event_notes (event_id, note) select i, 'note of ' || i from generate_series(1, 20000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let application = Application::start(&kitchen, |number| match number % 3 {
        0 => "with event as (insert into events (title) values ('new') returning id) select from event; \
              insert into event_notes (event_id, note) select max(id), 'note of ' || max(id) from events"
            .to_owned(),
        1 => format!("delete from events where id = {}", number * 37 % 20_000 + 1),
        _ => {
            let id = number * 41 % 20_000 + 1;
            format!(
                "update event_notes set event_id = id, note = 'note of ' || id from (select id as event from events where id = {id}) as found where event_id = event and event_notes.id = event"
            )
        }
    });
    kitchen.up(6).await;
    let ran = application.stop().await;
    assert!(ran > 60, "{ran}");
    assert_eq!(
        kitchen.value("select count(*) from event_notes where note <> 'note of ' || event_id").await,
        "0"
    );
    let orphans = "select count(*) from event_notes where event_id not in (select id from events)";
    assert_eq!(kitchen.value(orphans).await, "0");
}
