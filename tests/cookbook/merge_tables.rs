use hardtack_cookbook::merge_tables::REVISIONS;

use super::{Application, Kitchen};

/// The same ids and an address in both tables, gaps, and a person without a name.
const ROWS: &str = "insert into employees (email, name, hired_on) values
        ('ada@x', 'Ada', '2020-02-29'), ('gone@x', 'Gone', null), ('zoë@x', 'Zoë', null), ('both@x', '', null);
    delete from employees where email = 'gone@x';
    insert into contractors (email, name, agency) values ('both@x', 'Bo', 'Acme'), ('nameless@x', null, 'Émile & fils');
    insert into badges values ('A1', 1, null), ('B1', null, 1), ('B2', null, 1), ('Z3', 3, null)";

const EMPLOYEES: &str = "select id, email, name, hired_on from employees order by id";
const CONTRACTORS: &str = "select id, email, name, agency from contractors order by id";
const BADGES: &str = "select code, employee_id, contractor_id from badges order by code";

const PEOPLE: &str = "select kind, former_id, email, name, hired_on, agency from people order by 1 desc, 2";
const MERGED: [&str; 5] = [
    "(employee,1,ada@x,Ada,2020-02-29,)",
    "(employee,3,zoë@x,Zoë,,)",
    "(employee,4,both@x,\"\",,)",
    "(contractor,1,both@x,Bo,,Acme)",
    "(contractor,2,nameless@x,,,\"Émile & fils\")",
];
const WEARERS: &str =
    "select code, kind, email from badges join people on people.id = person_id order by code";
const WORN: [&str; 4] =
    ["(A1,employee,ada@x)", "(B1,contractor,both@x)", "(B2,contractor,both@x)", "(Z3,employee,zoë@x)"];

async fn staff(kitchen: &Kitchen) -> [Vec<String>; 3] {
    [kitchen.rows(EMPLOYEES).await, kitchen.rows(CONTRACTORS).await, kitchen.rows(BADGES).await]
}

#[tokio::test]
async fn everybody_is_in_one_table_and_goes_back() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = staff(&kitchen).await;
    for _ in 0..2 {
        kitchen.up(5).await;
        assert_eq!(staff(&kitchen).await, before, "the views show what the tables had");
        kitchen.up(6).await;
        assert_eq!(kitchen.rows(PEOPLE).await, MERGED);
        assert_eq!(kitchen.rows(WEARERS).await, WORN);
        kitchen.down(1).await;
        assert_eq!(staff(&kitchen).await, before);
    }
    // No id is given away twice, also not that of somebody who left.
    kitchen.execute("insert into employees (email, name) values ('new@x', 'New')").await;
    assert_eq!(kitchen.value("select id > 4 from employees where email = 'new@x'").await, "t");
}

#[tokio::test]
async fn people_who_came_since_get_a_former_id_on_the_way_back() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    kitchen.up(6).await;
    let new = "with person as (insert into people (kind, email, name) values ('employee', 'new@x', 'New') returning id) \
               insert into badges (code, person_id) select 'N5', id from person";
    kitchen.execute(new).await;
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(EMPLOYEES).await[3], "(5,new@x,New,)");
    assert_eq!(kitchen.rows(BADGES).await[3], "(N5,5,)");
}

/// The release before: it hires, renames, dismisses and hands out badges by the former tables.
fn old_form(number: u64) -> String {
    let id = number * 13 % 3_000 + 1;
    match number % 4 {
        0 => format!("insert into employees (email, name) values ('new{number}', 'New')"),
        1 => format!("update contractors set name = 'Changed {number}' where id = {id}"),
        2 => format!("delete from employees where id = {id}"),
        _ => format!(
            "with hired as (insert into contractors (email, agency) values ('c{number}', 'Acme') returning id) select from hired; \
                      insert into badges (code, contractor_id) select 'c{number}', id from contractors where email = 'c{number}'"
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_release_before_hires_and_dismisses_meanwhile() {
    let many = "insert into employees (email, name) select i, 'Name ' || i from generate_series(1, 3000) i;
        insert into contractors (email, agency) select i, 'Agency ' || i from generate_series(1, 3000) i;
        insert into badges (code, employee_id) select i, i from generate_series(1, 3000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let old = Application::start(&kitchen, old_form);
    kitchen.up(4).await;
    // A person more or less than in the former tables would be seen here.
    let differing = "select count(*) from (select former_id, email, name, agency, kind from people \
        except select id, email, name, null, 'employee' from employees \
        except select id, email, name, agency, 'contractor' from contractors) as ghost";
    let repeatable = format!("begin isolation level repeatable read; {differing}; commit");
    assert_eq!(kitchen.value(&repeatable).await, "0");
    kitchen.up(5).await;
    let ran = old.stop().await;
    assert!(ran > 40, "{ran}");
    let counts = "select (select count(*) from people) = (select count(*) from employees) + (select count(*) from contractors)";
    assert_eq!(kitchen.value(counts).await, "t");
    let astray = "select count(*) from badges left join people on people.id = person_id \
                  where former_id is distinct from coalesce(employee_id, contractor_id)";
    assert_eq!(kitchen.value(astray).await, "0");
}
