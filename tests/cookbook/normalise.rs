use hardtack_cookbook::normalise::REVISIONS;

use super::{Application, Kitchen};

/// Case, spaces of two kinds, a letter in two forms, no city in three forms.
const ROWS: &str = "insert into orders (customer, city) values ('a', 'Zürich'), ('b', '  zürich '), ('c', E'Zu\\u0308rich'),
    ('d', 'New  York'), ('e', E'new\\u00a0york'), ('f', null), ('g', ''), ('h', '   '), ('i', 'São Paulo'), ('j', '東京')";

const CITIES: &str =
    "select customer, name, key from orders left join cities on cities.id = city_id order by customer";
const NORMAL: [&str; 10] = [
    "(a,Zürich,zürich)",
    "(b,Zürich,zürich)",
    "(c,Zürich,zürich)",
    "(d,\"New  York\",\"new york\")",
    "(e,\"New  York\",\"new york\")",
    "(f,,)",
    "(g,,)",
    "(h,,)",
    "(i,\"São Paulo\",\"são paulo\")",
    "(j,東京,東京)",
];
const BEFORE: &str = "select id, customer, city from orders order by id";

#[tokio::test]
async fn spellings_of_one_city_become_one() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows(BEFORE).await;
    kitchen.up(3).await;
    assert_eq!(kitchen.rows(CITIES).await, NORMAL);
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.up(4).await;
    assert_eq!(kitchen.rows(CITIES).await, NORMAL);
    assert_eq!(kitchen.value("select count(*) from cities").await, "4");
    kitchen.down(1).await;
    // What the page says: how each was typed is lost with the column.
    let names: Vec<String> =
        ["Zürich", "Zürich", "Zürich", "\"New  York\"", "\"New  York\"", "", "", "", "\"São Paulo\"", "東京"]
            .iter()
            .zip(1..)
            .zip("abcdefghij".chars())
            .map(|((city, id), customer)| format!("({id},{customer},{city})"))
            .collect();
    assert_eq!(kitchen.rows(BEFORE).await, names);
    kitchen.up(4).await;
    assert_eq!(kitchen.rows(CITIES).await, NORMAL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_releases_write_meanwhile() {
    let many =
        "insert into orders (customer, city) select i, 'City ' || i % 50 from generate_series(1, 10000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let old = Application::start(&kitchen, |number| match number % 2 {
        0 => format!("insert into orders (customer, city) values ('new', ' CITY {} ')", number % 70),
        _ => {
            format!("update orders set city = 'Moved {}' where id = {}", number % 5, number * 37 % 9_999 + 2)
        }
    });
    kitchen.up(3).await;
    kitchen
        .execute("update orders set city_id = (select id from cities where key = 'city 7') where id = 1")
        .await;
    assert!(old.stop().await > 20);
    let wrong = "select count(*) from orders join cities on cities.id = city_id where key <> city_key(city)";
    assert_eq!(kitchen.value(wrong).await, "0");
    assert_eq!(kitchen.value("select count(*) from orders where city_id is null").await, "0");
    assert_eq!(kitchen.value("select lower(city) from orders where id = 1").await, "city 7");
    kitchen.execute("update orders set city_id = null where id = 1").await;
    assert_eq!(kitchen.value("select city from orders where id = 1").await, "null");
}

/// As it goes where the application boots between the two.
#[tokio::test]
async fn the_index_waits_for_the_backfill_that_was_deferred() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    kitchen.up(2).await;
    assert_eq!(kitchen.value("select count(*) from orders where city_id is not null").await, "0");
    let error = kitchen.try_up(3).await.unwrap_err();
    assert!(error.contains("V3__city_index requires the backfill of version 2"), "{error}");
    kitchen.migrator.run_backfills().await.unwrap();
    assert_eq!(kitchen.rows(CITIES).await, NORMAL);
    kitchen.up(4).await;
}
