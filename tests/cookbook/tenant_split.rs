use hardtack_cookbook::tenant_split::REVISIONS;

use super::{Application, Kitchen};

/// A task of no project, two of one that is gone, one that was deleted.
const ROWS: &str = "insert into organisations (name) values ('Açme'), ('Beta');
    insert into projects (organisation_id, name) values (1, 'a'), (2, 'b'), (2, 'gone');
    insert into tasks (project_id, title, deleted_at) values
        (1, 'a1', null), (2, 'b1', null), (3, 'lost 1', null), (null, 'of none', null), (1, '', '2024-02-29Z'), (3, 'lost 2', '2024-02-29Z');
    delete from projects where id = 3";

const BEFORE: &str = "select id, project_id, title, deleted_at at time zone 'UTC' from tasks order by id";
const TENANTS: &str = "select organisation_id, project_id, title from tasks order by id";
const OWNED: [&str; 3] = ["(1,1,a1)", "(2,2,b1)", "(1,1,\"\")"];

#[tokio::test]
async fn each_task_is_its_organisations_and_what_is_nobodys_is_kept() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows(BEFORE).await;
    for _ in 0..2 {
        kitchen.up(6).await;
        assert_eq!(kitchen.rows(TENANTS).await, OWNED);
        let orphans = kitchen.rows("select id, project_id, title from orphaned_tasks order by id").await;
        assert_eq!(orphans, ["(3,3,\"lost 1\")", "(4,,\"of none\")", "(6,3,\"lost 2\")"]);
        kitchen.down(1).await;
        assert_eq!(kitchen.rows(BEFORE).await, before);
    }
}

#[tokio::test]
async fn a_tenant_sees_and_writes_its_own_rows_only() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    kitchen.up(6).await;
    kitchen
        .execute("do $$ begin create role cookbook_tenant; exception when duplicate_object or unique_violation then null; end $$; \
                  grant select, insert, update, delete on tasks to cookbook_tenant; grant select on projects to cookbook_tenant")
        .await;
    let tenant = kitchen.database.connect().await;
    let seen = async |organisation: &str| {
        let settings = format!("set role cookbook_tenant; set app.organisation_id = '{organisation}'");
        tenant.client.batch_execute(&settings).await.unwrap();
        let row = tenant
            .client
            .query_one("select count(*), coalesce(max(title), '') from tasks", &[])
            .await
            .unwrap();
        (row.get::<_, i64>(0), row.get::<_, String>(1))
    };
    assert_eq!(seen("1").await, (2, "a1".to_owned()));
    assert_eq!(seen("2").await, (1, "b1".to_owned()));
    let foreign = "insert into tasks (organisation_id, project_id, title) values (1, 1, 'smuggled')";
    tenant.client.batch_execute(foreign).await.unwrap_err();
    // Who forgets to say for whom it works sees nothing, and gets no error.
    assert_eq!(seen("").await, (0, String::new()));
    let mixed = kitchen
        .refused("insert into tasks (organisation_id, project_id, title) values (1, 2, 'mixed')")
        .await;
    assert!(mixed.contains("tasks_project_fkey"), "{mixed}");
    kitchen.execute("update tasks set project_id = 2 where id = 5").await;
    assert_eq!(kitchen.rows(TENANTS).await[2], "(2,2,\"\")");
    kitchen.execute("update tasks set project_id = 1 where id = 5").await;
    kitchen.execute("update projects set organisation_id = 2 where id = 1").await;
    assert_eq!(kitchen.rows(TENANTS).await, ["(2,1,a1)", "(2,2,b1)", "(2,1,\"\")"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_come_and_projects_move_meanwhile() {
    let many = "insert into organisations (name) select i from generate_series(1, 5) i;
        insert into projects (organisation_id, name) select i % 5 + 1, i from generate_series(1, 200) i;
        insert into tasks (project_id, title) select i % 200 + 1, i from generate_series(1, 10000) i";
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    let works = Application::start(&kitchen, |number| {
        let (task, project) = (number * 37 % 10_000 + 1, number * 7 % 200 + 1);
        match number % 3 {
            0 => format!("update tasks set title = 'changed' where id = {task}"),
            _ => format!("insert into tasks (project_id, title) values ({project}, 'new')"),
        }
    });
    let moves = Application::start(&kitchen, |number| {
        format!(
            "update projects set organisation_id = {} where id = {}",
            number % 5 + 1,
            number * 11 % 200 + 1
        )
    });
    kitchen.up(6).await;
    let ran = (works.stop().await, moves.stop().await);
    assert!(ran.0 > 20 && ran.1 > 20, "{ran:?}");
    let astray = "select count(*) from tasks join projects on projects.id = project_id \
                  where tasks.organisation_id <> projects.organisation_id";
    assert_eq!(kitchen.value(astray).await, "0");
    assert_eq!(kitchen.value("select count(*) from orphaned_tasks").await, "0");
}
