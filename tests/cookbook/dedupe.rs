use hardtack_cookbook::dedupe::REVISIONS;

use super::{Application, Kitchen};

/// Ada three times, confirmed as the second and unsubscribed as the third; addresses that are empty; a name beyond ASCII.
const ROWS: &str = "insert into subscribers (email, confirmed_at, unsubscribed_at) values
        ('Ada@x', null, null), ('ada@x', '2024-01-02 00:00Z', null), (' ADA@x ', '2024-03-04 00:00Z', '2025-01-01 00:00Z'),
        ('bob@x', null, null), ('', null, null), ('  ', null, null), ('zoë@x', null, null), ('Zoë@x', null, null);
    insert into deliveries (subscriber_id, subject) values
        (1, 'to 1'), (2, 'to 2'), (3, 'to 3'), (3, 'to 3 again'), (4, 'to 4'), (6, 'to 6'), (8, 'to 8')";

const SUBSCRIBERS: &str = "select id, email, confirmed_at at time zone 'UTC', unsubscribed_at at time zone 'UTC' \
                           from subscribers order by id";
const DELIVERIES: &str = "select id, subscriber_id, subject from deliveries order by id";

const KEPT: [&str; 4] =
    ["(2,ada@x,\"2024-01-02 00:00:00\",\"2025-01-01 00:00:00\")", "(4,bob@x,,)", "(5,\"\",,)", "(7,zoë@x,,)"];
const KEPT_DELIVERIES: [&str; 7] = [
    "(1,2,\"to 1\")",
    "(2,2,\"to 2\")",
    "(3,2,\"to 3\")",
    "(4,2,\"to 3 again\")",
    "(5,4,\"to 4\")",
    "(6,5,\"to 6\")",
    "(7,7,\"to 8\")",
];

#[tokio::test]
async fn one_of_each_address_is_left_and_the_others_come_back() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let (before, deliveries) = (kitchen.rows(SUBSCRIBERS).await, kitchen.rows(DELIVERIES).await);
    for _ in 0..2 {
        kitchen.up(4).await;
        assert_eq!(kitchen.rows(SUBSCRIBERS).await, KEPT);
        assert_eq!(kitchen.rows(DELIVERIES).await, KEPT_DELIVERIES);
        let refused = kitchen.refused("insert into subscribers (email) values ('BOB@x')").await;
        assert!(refused.contains("subscribers_key_unique"), "{refused}");
        kitchen.down(1).await;
        assert_eq!(kitchen.rows(DELIVERIES).await, deliveries);
        let mut expected = before.clone();
        // What the page says: who was kept stays unsubscribed.
        expected[1] = KEPT[0].to_owned();
        assert_eq!(kitchen.rows(SUBSCRIBERS).await, expected);
    }
}

#[tokio::test]
async fn the_door_is_closed_before_the_house_is_cleaned() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    kitchen.up(2).await;
    for statement in [
        "insert into subscribers (email) values ('BOB@x')",
        "insert into subscribers (email) values ('new@x'), ('NEW@x')",
        "update subscribers set email = 'bob@x' where id = 1",
    ] {
        assert_eq!(kitchen.refused(statement).await, "a subscriber with this address exists");
    }
    // Those who are there twice may still be confirmed, and spelled otherwise.
    kitchen.execute("update subscribers set confirmed_at = now(), email = 'ADA@x' where id = 1").await;
}

#[tokio::test]
async fn two_who_bring_one_address_at_once_wait_for_one_another() {
    let kitchen = Kitchen::new(&REVISIONS, "").await;
    kitchen.up(2).await;
    let first = kitchen.database.connect().await;
    first.client.batch_execute("begin; insert into subscribers (email) values ('ada@x')").await.unwrap();
    let second = kitchen.database.connect().await;
    let (refused, ()) = tokio::join!(
        second.client.batch_execute("insert into subscribers (email) values ('ADA@x')"),
        async {
            kitchen
                .database
                .wait_for("select exists (select from pg_locks where locktype = 'advisory' and not granted)")
                .await;
            first.client.batch_execute("commit").await.unwrap();
        }
    );
    assert!(
        refused
            .unwrap_err()
            .code()
            .is_some_and(|code| *code == tokio_postgres::error::SqlState::UNIQUE_VIOLATION)
    );
}

/// Writes down what it has done, so that the test knows what must not be lost. A subscriber that was merged away at that moment
/// is one that is not there.
fn at_work(number: u64) -> String {
    let id = number * 37 % 4_000 + 1;
    let work = match number % 3 {
        0 => format!(
            "insert into deliveries (subscriber_id, subject) values ({id}, 's{number}'); insert into sent values ('s{number}')"
        ),
        1 => format!(
            "update subscribers set unsubscribed_at = now() where id = {id} returning subscriber_key(email) into strict address; \
             insert into unsubscribed values (address)"
        ),
        _ => format!("insert into subscribers (email) values ('new{number}')"),
    };
    let absent = "exception when foreign_key_violation or no_data_found then null";
    format!("do $$ declare address text; begin {work}; {absent}; end $$")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_delivery_and_no_farewell_is_lost_meanwhile() {
    let many = "insert into subscribers (email) select case when i % 2 = 0 then 'U' else 'u' end || i % 2000 / 2 from generate_series(1, 4000) i;
        create table sent (subject text); create table unsubscribed (address text)";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    kitchen.up(2).await;
    let application = Application::start(&kitchen, at_work);
    kitchen.up(4).await;
    let ran = application.stop().await;
    assert!(ran > 60, "{ran}");
    let lost = "select count(*) from sent where subject not in (select subject from deliveries)";
    assert_eq!(kitchen.value(lost).await, "0");
    let forgotten = "select count(*) from unsubscribed where address not in \
                     (select subscriber_key(email) from subscribers where unsubscribed_at is not null)";
    assert_eq!(kitchen.value(forgotten).await, "0");
    assert_ne!(kitchen.value("select count(*) from unsubscribed").await, "0");
    assert_eq!(kitchen.value("select count(*) from subscribers where email ~* '^u'").await, "1000");
}
