//! Plans, upgrades and what else is long work.

use hardtack::engine::Error;
use hardtack::{Target, UpgradeOptions};
use serde_json::json;

use super::client::Request;
use super::house::{House, api, began};
use super::{GATED, REVISIONS};
use crate::support::SLEEPING;

#[tokio::test]
async fn an_upgrade_wants_the_name_and_the_plan_that_was_looked_at() {
    let house = House::of(&REVISIONS).await;
    let (name, first) = (house.name(), house.plan("?to=1").await);
    for (body, text) in [
        (json!({}), "the database's name is missing"),
        (json!({"plan": first, "to": 1, "database": "orders"}), "not \"orders\""),
        (json!({"to": 1, "database": name}), "the plan is missing"),
        (json!({"plan": "c0ffee", "to": 1, "database": name}), "the plan is not the one that was looked at"),
        (json!({"plan": first, "database": name}), "the plan is not the one that was looked at"),
    ] {
        let refused = house.post("/upgrade", &body).await;
        assert!(refused.status == 409 && refused.error().contains(text), "{body}: {refused:?}");
        assert!(refused.error().contains("nothing was changed"), "{refused:?}");
    }
    let job = house
        .ended(&began(&house.post("/upgrade", &json!({"plan": first, "to": 1, "database": name})).await))
        .await;
    assert_eq!(
        (&job["state"], &job["action"], &job["by"]),
        (&json!("succeeded"), &json!("upgrade"), &json!("ada"))
    );
    assert_eq!((&job["result"]["outcome"], &job["result"]["to"]), (&json!("upgraded"), &json!(1)));
    // What was looked at before is not what would be done now.
    let stale = house.post("/upgrade", &json!({"plan": first, "to": 1, "database": name})).await;
    assert_eq!(stale.status, 409, "{stale:?}");
    assert_eq!(house.database.applied().await, [1]);
    assert_eq!(house.ended(&house.begin_upgrade().await).await["state"], "succeeded");
    assert_eq!(house.database.applied().await, [1, 2, 3]);
    let audit = house.audit().await;
    let failed = audit.iter().filter(|row| *row == "ada upgrade failed").count();
    let succeeded = audit.iter().filter(|row| *row == "ada upgrade succeeded").count();
    assert_eq!((audit.len(), failed, succeeded), (16, 6, 2), "{audit:?}");
    let runs = house.get("/runs?limit=1").await.json();
    assert_eq!((&runs[0]["command"], &runs[0]["steps"]), (&json!("upgrade"), &json!(["up 2", "up 3"])));
    let before = house.get(&format!("/runs?limit=1&before={}", runs[0]["id"])).await.json();
    assert_eq!(before[0]["steps"], json!(["up 1"]));
}

#[tokio::test]
async fn work_goes_on_when_who_began_it_has_hung_up() {
    let house = House::of(&REVISIONS).await;
    let id = house.begin_upgrade().await;
    let watching = Request::new("get", &api(&format!("/jobs/{id}/events"))).token(&house.texts.viewer);
    let stream = watching.begin(&house.server.address).await;
    house.database.wait_for(SLEEPING).await;
    drop(stream);
    assert_eq!(house.ended(&id).await["state"], "succeeded");
    assert_eq!(house.database.applied().await, [1, 2, 3]);
    // The same of what is answered only once it is done.
    house.database.execute("delete from hardtack.audit").await;
    let lock = house.database.connect().await;
    lock.client.batch_execute("begin; lock table hardtack.token in share row exclusive mode").await.unwrap();
    let making = Request::new("post", &api("/tokens")).token(&house.texts.admin);
    let stream = making.json(&json!({"name": "left", "role": "viewer"})).begin(&house.server.address).await;
    house.database.wait_for("select exists (select from pg_stat_activity where query like '%insert into hardtack.token%' and wait_event_type = 'Lock')").await;
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    lock.client.batch_execute("rollback").await.unwrap();
    house.database.wait_for("select count(*) = 2 from hardtack.audit").await;
    assert_eq!(house.audit().await, ["ada manage_tokens allowed", "ada manage_tokens succeeded"]);
    assert_eq!(house.database.value("select count(*) from hardtack.token where name = 'left'").await, "1");
}

#[tokio::test]
async fn a_job_that_is_stopped_ends_between_revisions() {
    let house = House::of(&GATED).await;
    house.database.close_gate().await;
    let id = house.begin_upgrade().await;
    house.database.wait_for(SLEEPING).await;
    let asked = house.server.post(&house.texts.operator, &format!("/jobs/{id}/stop"), &json!({})).await;
    assert_eq!((asked.status, &asked.json()["state"]), (202, &json!("running")));
    house.database.open_gate().await;
    let job = house.ended(&id).await;
    assert_eq!((&job["state"], &job["result"]["outcome"]), (&json!("stopped"), &json!("stopped")), "{job}");
    assert_eq!(house.database.applied().await, [1, 2]);
    let audit = house.audit().await;
    assert_eq!(
        audit,
        ["ada upgrade allowed", "otto stop_job allowed", "otto stop_job succeeded", "ada upgrade succeeded"]
    );
    let detail = "select detail from hardtack.audit where action = 'upgrade' and outcome = 'succeeded'";
    assert_eq!(
        house.database.value(detail).await,
        "Upgrade to the newest version: stopped, from nothing to 2, 2 revisions"
    );
}

#[tokio::test]
async fn of_two_upgrades_of_one_plan_one_does_the_work() {
    let house = House::of(&REVISIONS).await;
    let body = json!({"database": house.name(), "plan": house.plan("").await});
    let (one, other) = tokio::join!(house.post("/upgrade", &body), house.post("/upgrade", &body));
    let (begun, refused) = if one.status == 202 { (one, other) } else { (other, one) };
    let id = began(&begun);
    assert!(
        refused.status == 409 && refused.error().contains(&format!("the job {id} migrates already")),
        "{refused:?}"
    );
    let job = house.ended(&id).await;
    assert_eq!(
        (&job["state"], &job["result"]["outcome"]),
        (&json!("succeeded"), &json!("upgraded")),
        "{job}"
    );
    // Who asks when it has ended is told of what it left, here and in the run log.
    assert_eq!(house.get("/status").await.json()["status"]["current"], 3);
    assert_eq!(house.database.applied().await, [1, 2, 3]);
    let note = "select note from hardtack.run where command = 'upgrade'";
    assert_eq!(house.database.value(note).await, format!("by ada, request {id}"));
    let detail = "select detail from hardtack.audit where action = 'upgrade' and outcome = 'succeeded'";
    assert_eq!(
        house.database.value(detail).await,
        "Upgrade to the newest version: succeeded, from nothing to 3, 3 revisions"
    );
}

#[tokio::test]
async fn an_upgrade_applies_nothing_that_was_not_agreed_to() {
    let house = House::of(&REVISIONS).await;
    // The history went back between the look and the lock.
    let options = UpgradeOptions { agreed: Some(vec![2, 3]), ..UpgradeOptions::default() };
    let refused = house.migrator.upgrade(options.clone()).await.unwrap_err();
    assert!(matches!(refused, Error::PlanChanged), "{refused}");
    let first = UpgradeOptions { target: Target::Version(2), ..UpgradeOptions::default() };
    house.migrator.upgrade(first).await.unwrap();
    house.migrator.upgrade(options).await.unwrap();
    assert_eq!(house.database.applied().await, [1, 2, 3]);
}

#[tokio::test]
async fn too_many_jobs_are_refused_and_the_audit_has_it() {
    let house = House::of(&[("V1__slow.sql", "select pg_sleep(3);")]).await;
    let body = json!({"database": house.name(), "plan": house.plan("").await});
    let mut jobs = vec![began(&house.post("/upgrade", &body).await)];
    for _ in 0..3 {
        jobs.push(began(&house.post("/dry-run", &json!({})).await));
    }
    let refused = house.post("/dry-run", &json!({})).await;
    assert!(refused.status == 409 && refused.error().contains("4 jobs are under way"), "{refused:?}");
    assert_eq!(house.audit().await[4..], ["ada dry_run allowed", "ada dry_run failed"]);
    assert_eq!(house.get("/jobs").await.json().as_array().unwrap().len(), 4);
    for id in jobs {
        house.post(&format!("/jobs/{id}/stop"), &json!({})).await;
        house.ended(&id).await;
    }
}

#[tokio::test]
async fn a_downgrade_undoes_what_was_looked_at() {
    let house = House::of(&REVISIONS).await;
    house.ended(&house.begin_upgrade().await).await;
    let plan = house.plan("?steps=1").await;
    let body = json!({"steps": 1, "plan": plan, "database": house.name()});
    let nowhere = house.post("/downgrade", &json!({"plan": plan, "database": house.name()})).await;
    assert_eq!((nowhere.status, nowhere.error()), (400, "give one of steps and back_to".to_owned()));
    assert_eq!(house.server.post(&house.texts.operator, "/downgrade", &body).await.status, 403);
    let other = json!({"back_to": 1, "plan": plan, "database": house.name()});
    assert_eq!(house.post("/downgrade", &other).await.status, 409);
    let job = house.ended(&began(&house.post("/downgrade", &body).await)).await;
    assert_eq!(
        (&job["state"], &job["result"]["outcome"]),
        (&json!("succeeded"), &json!("downgraded")),
        "{job}"
    );
    assert_eq!(house.database.applied().await, [1, 2]);
}

#[tokio::test]
async fn a_rehearsal_changes_nothing_and_a_job_tells_what_it_came_to() {
    let house = House::of(&[REVISIONS[0]]).await;
    let job = house.ended(&began(&house.post("/dry-run", &json!({})).await)).await;
    assert_eq!((&job["state"], &job["result"]["depth"]), (&json!("succeeded"), &json!("rehearse")), "{job}");
    assert!(house.get("/status").await.json()["status"].is_object());
    assert_eq!(house.get("/revisions").await.json()[0]["state"], "pending");
    house.ended(&house.begin_upgrade().await).await;
    let drift = house.ended(&began(&house.post("/drift", &json!({})).await)).await;
    assert_eq!(drift["state"], "succeeded", "{drift}");
    house.database.execute("alter table one add column more text").await;
    let drift = house.ended(&began(&house.post("/drift", &json!({})).await)).await;
    assert!(drift["result"].to_string().contains("more"), "{drift}");
    let texts = house.get("/revisions/1").await.json();
    assert_eq!((&texts["state"], &texts["up"]), (&json!("applied"), &json!(REVISIONS[0].1)));
}
