use hardtack_cookbook::timestamptz::REVISIONS;

use super::{Application, Kitchen};

/// Summer, winter, an hour that never was, one that was twice and its neighbours, and no end.
const ROWS: &str = "insert into bookings (guest, starts_at, created_at) values
    ('summer', '2026-07-01 10:00', '2026-01-01 00:00'), ('winter', '2026-01-15 10:00', '2026-03-29 02:30'),
    ('skipped', '2026-03-29 02:30', '2026-10-25 02:30'), ('twice', '2026-10-25 02:30', '1970-01-01 00:00'),
    ('before', '2026-10-25 01:59:59.999999', '2026-01-01 00:00'), ('after', '2026-10-25 03:00', '2026-01-01 00:00'),
    ('born early', '1890-01-01 12:00', '2026-01-01 00:00'), ('forever', 'infinity', '-infinity')";

const BEFORE: &str = "select id, guest, starts_at, created_at::text from bookings order by id";
const TIMES: &str = "select guest, begins_at at time zone 'UTC' as begins_at, created_at at time zone 'UTC' as created_at \
                     from bookings order by id";
const ZONED: [&str; 8] = [
    "(summer,\"2026-07-01 08:00:00\",\"2026-01-01 00:00:00\")",
    "(winter,\"2026-01-15 09:00:00\",\"2026-03-29 02:30:00\")",
    "(skipped,\"2026-03-29 01:30:00\",\"2026-10-25 02:30:00\")",
    "(twice,\"2026-10-25 01:30:00\",\"1970-01-01 00:00:00\")",
    "(before,\"2026-10-24 23:59:59.999999\",\"2026-01-01 00:00:00\")",
    "(after,\"2026-10-25 02:00:00\",\"2026-01-01 00:00:00\")",
    "(\"born early\",\"1890-01-01 11:06:32\",\"2026-01-01 00:00:00\")",
    "(forever,infinity,-infinity)",
];

#[tokio::test]
async fn each_time_is_the_moment_that_was_meant() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    // A time zone of the database's own must not get in.
    let database = kitchen.value("select current_database()").await;
    kitchen.execute(&format!("alter database {database} set timezone = 'Asia/Kathmandu'")).await;
    let (before, file) = (kitchen.rows(BEFORE).await, "select pg_relation_filenode('bookings')");
    let index = "select pg_relation_filenode('bookings_created_at_idx')";
    let (node, index_node) = (kitchen.value(file).await, kitchen.value(index).await);
    kitchen.up(2).await;
    assert_eq!(kitchen.value(file).await, node, "the table is not written again");
    assert_ne!(kitchen.value(index).await, index_node, "its index is built again");
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(TIMES).await, ZONED);
    let doubtful = kitchen
        .rows("select guest, never_was from doubtful_bookings join bookings using (id) order by id")
        .await;
    assert_eq!(doubtful, ["(skipped,t)", "(twice,f)"]);
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.up(6).await;
    assert_eq!(kitchen.rows(TIMES).await, ZONED);
    kitchen.down(1).await;
    // What the page says: an hour that never was comes back as the next.
    let mut expected = before.clone();
    expected[2] = before[2].replace("2026-03-29 02:30:00", "2026-03-29 03:30:00");
    let back = kitchen.rows("select id, guest, starts_at, created_at::text from bookings order by id").await;
    assert_eq!(back, expected);
    kitchen.up(6).await;
    kitchen.down(5).await;
    assert_eq!(
        kitchen.rows("select guest from doubtful_bookings join bookings using (id)").await,
        ["(twice)"]
    );
}

#[tokio::test]
async fn what_a_guest_said_of_a_doubtful_hour_stays_when_something_else_is_written() {
    let kitchen =
        Kitchen::new(&REVISIONS, "insert into bookings (guest, starts_at) values ('a', '2026-10-25 02:30')")
            .await;
    kitchen.up(5).await;
    kitchen.execute("update bookings set begins_at = '2026-10-25 00:30Z'").await;
    kitchen.execute("update bookings set guest = 'b'").await;
    let times = "select starts_at, begins_at at time zone 'UTC' from bookings";
    assert_eq!(kitchen.rows(times).await, ["(\"2026-10-25 02:30:00\",\"2026-10-25 00:30:00\")"]);
}

#[tokio::test]
async fn a_default_is_now_whatever_the_session_says() {
    let kitchen = Kitchen::new(&REVISIONS, "").await;
    kitchen.up(2).await;
    let statement =
        "set time zone 'Asia/Kathmandu'; insert into bookings (guest, starts_at) values ('x', '2026-01-01')";
    kitchen.execute(statement).await;
    let age = "select abs(extract(epoch from clock_timestamp() - created_at)) < 60 from bookings";
    assert_eq!(kitchen.value(age).await, "t");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_book_meanwhile() {
    let many = "insert into bookings (guest, starts_at) select i, '2026-01-01'::timestamp + i * interval '1 hour' from generate_series(1, 20000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let old = Application::start(&kitchen, |number| match number % 2 {
        0 => format!(
            "insert into bookings (guest, starts_at) values ('new', '2026-06-01'::timestamp + {number} * interval '1 minute')"
        ),
        _ => format!(
            "update bookings set starts_at = starts_at + interval '1 day' where id = {}",
            number * 37 % 19_990 + 11
        ),
    });
    kitchen.up(5).await;
    kitchen
        .execute(
            "insert into bookings (guest, begins_at) values ('next', '2026-07-01 08:00Z'); \
                  update bookings set begins_at = '2026-01-01 00:00Z' where id = 1",
        )
        .await;
    assert!(old.stop().await > 20);
    let wrong = "select count(*) from bookings where begins_at is distinct from starts_at at time zone 'Europe/Berlin'";
    assert_eq!(kitchen.value(wrong).await, "0");
    let next = "select starts_at from bookings where id = 1 or guest = 'next' order by id";
    assert_eq!(kitchen.rows(next).await, ["(\"2026-01-01 01:00:00\")", "(\"2026-07-01 10:00:00\")"]);
}
