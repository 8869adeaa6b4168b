use hardtack_cookbook::split_column::REVISIONS;

use super::{Application, Kitchen};

const ROWS: &str = "insert into customers (email, full_name, deleted_at) values
    ('ada', 'Ada Lovelace', null), ('max', '  Max  von Laue ', null), ('plato', 'Plato', null), ('nobody', '', null),
    ('blank', '   ', null), ('josé', 'José Ångström', '2020-02-29'), ('李', '李小龙', null), ('o''neill', 'Shaq O''Neill Jr.', null)";

const SPLIT: [&str; 8] = [
    "(Ada,Lovelace)",
    "(Max,\"von Laue\")",
    "(Plato,)",
    "(\"\",)",
    "(\"\",)",
    "(José,Ångström)",
    "(李小龙,)",
    "(Shaq,\"O'Neill Jr.\")",
];

const PARTS: &str = "select given_name, family_name from customers order by id";
const BEFORE: &str = "select id, email, full_name, deleted_at from customers order by id";

#[tokio::test]
async fn every_name_is_split_and_nothing_is_lost_before_the_end() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows(BEFORE).await;
    kitchen.up(4).await;
    assert_eq!(kitchen.rows(PARTS).await, SPLIT);
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(BEFORE).await, before);
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(PARTS).await, SPLIT);
    kitchen.down(1).await;
    // What the page says: the spaces are lost with the column.
    let spaced: Vec<String> = before
        .iter()
        .map(|row| row.replace("\"  Max  von Laue \"", "\"Max von Laue\"").replace("\"   \"", "\"\""))
        .collect();
    assert_eq!(
        kitchen.rows("select id, email, full_name, deleted_at from customers order by id").await,
        spaced
    );
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(PARTS).await, SPLIT);
}

#[tokio::test]
async fn what_somebody_made_of_a_name_stays_when_something_else_is_written() {
    let kitchen =
        Kitchen::new(&REVISIONS, "insert into customers (email, full_name) values ('a', 'Anna Smith')").await;
    kitchen.up(4).await;
    kitchen.execute("update customers set given_name = 'Anna Maria'").await;
    kitchen.execute("update customers set email = 'b'").await;
    let row = "select full_name, given_name, family_name from customers";
    assert_eq!(kitchen.rows(row).await, ["(\"Anna Maria Smith\",\"Anna Maria\",Smith)"]);
    // The release before writes what it knows.
    kitchen.execute("update customers set full_name = 'Anna Maria Jones'").await;
    assert_eq!(kitchen.rows(row).await, ["(\"Anna Maria Jones\",Anna,\"Maria Jones\")"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_release_before_goes_on_writing_and_the_next_one_begins() {
    let many = "insert into customers (email, full_name) select i, 'Given' || i || ' Family' || i from generate_series(1, 20000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let old = Application::start(&kitchen, |number| match number % 2 {
        0 => format!(
            "insert into customers (email, full_name) values ('new{number}', 'New{number} Old  Form')"
        ),
        _ => format!(
            "update customers set full_name = 'Changed{number} Once More' where email = '{}'",
            number * 37 % 19_999 + 2
        ),
    });
    kitchen.up(4).await;
    // The release after it writes the parts, while some of the former are still there.
    kitchen
        .execute("insert into customers (email, given_name, family_name) values ('n', 'Grace', 'Hopper'), ('m', 'Voltaire', null); \
                  update customers set family_name = 'King' where email = '1'")
        .await;
    assert!(old.stop().await > 20);
    let wrong = "select count(*) from customers where given_name <> split_part(full_name, ' ', 1) \
                 or family_name is distinct from nullif(ltrim(substr(full_name, length(given_name) + 1)), '')";
    assert_eq!(kitchen.value(wrong).await, "0");
    let changed = "select count(*) > 0 from customers where full_name like 'Changed%'";
    assert_eq!(kitchen.value(changed).await, "t");
    let new = "select full_name from customers where email in ('n', 'm', '1') order by email";
    let names = kitchen.rows(new).await;
    assert_eq!(names[1..], ["(Voltaire)", "(\"Grace Hopper\")"]);
    assert!(names[0].ends_with(" King\")"), "{names:?}");
}
