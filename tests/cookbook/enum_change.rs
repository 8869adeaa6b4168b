use hardtack_cookbook::enum_change::REVISIONS;

use super::{Application, Kitchen};

const ROWS: &str = "insert into parcels (status, note) values ('new', null), ('accepted', ''), ('shiped', 'é'), ('lost', 'x')";

const STATES: &str = "select id, state, note from parcels order by id";
const CHANGED: [&str; 4] = ["(1,open,)", "(2,open,\"\")", "(3,shipped,é)", "(4,cancelled,x)"];
const BEFORE: &str = "select id, status, note from parcels order by id";

#[tokio::test]
async fn values_are_renamed_and_merged_and_nothing_is_lost_before_the_end() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows(BEFORE).await;
    kitchen.up(4).await;
    assert_eq!(kitchen.rows(STATES).await, CHANGED);
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(STATES).await, CHANGED);
    assert_eq!(kitchen.value("select to_regtype('parcel_status')").await, "null");
    kitchen.execute("insert into parcels (note) values ('by default')").await;
    kitchen.down(1).await;
    // What the page says: which of the open ones were new is lost.
    let back =
        ["(1,accepted,)", "(2,accepted,\"\")", "(3,shiped,é)", "(4,lost,x)", "(5,accepted,\"by default\")"];
    assert_eq!(kitchen.rows(BEFORE).await, back);
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(STATES).await[..4], CHANGED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_releases_write_meanwhile() {
    let many = "insert into parcels (status) select (enum_range(null::parcel_status))[i % 4 + 1] from generate_series(1, 10000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let old = Application::start(&kitchen, |number| match number % 3 {
        0 => "insert into parcels default values".to_owned(),
        1 => format!("update parcels set status = 'shiped' where id = {}", number * 37 % 9_990 + 11),
        _ => format!("update parcels set note = 'looked at' where id = {}", number * 41 % 9_990 + 11),
    });
    kitchen.up(4).await;
    kitchen
        .execute(
            "insert into parcels (state, note) values ('shipped', 'by the next release'); \
                  update parcels set state = 'cancelled' where id = 2",
        )
        .await;
    assert!(old.stop().await > 20);
    let apart = "select count(*) from parcels where state is distinct from parcel_state_of(status)";
    assert_eq!(kitchen.value(apart).await, "0");
    let next = "select status from parcels where id = 2 or note = 'by the next release' order by id";
    assert_eq!(kitchen.rows(next).await, ["(lost)", "(shiped)"]);
}
