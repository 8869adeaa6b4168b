use hardtack::prelude::*;
use hardtack::{Throttle, Transaction};
use serde_json::{Value, json};

use super::house::House;
use crate::support::{TestDatabase, rust_revisions};

mod schema {
    hardtack::__table! {
        items "\"public\".\"items\"";
        id ID "\"id\"" "bigint not null" i64,
        n N "\"n\"" "bigint not null" i64,
    }
}
use schema::items;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    let busy = Throttle::while_true("select exists (select from busy)");
    context.backfill::<items::Row>("waits").set_sql(items::N, "n + 1").throttle(busy).run().await?;
    Ok(())
}

async fn state(house: &House) -> Value {
    house.get("/backfills").await.json()[0]["state"].clone()
}

#[tokio::test]
async fn a_backfill_is_paused_resumed_cancelled_and_tried_again() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "create table items (id bigint primary key, n bigint not null); insert into items select i, i * 10 from \
             generate_series(1, 100) i; create table busy (); insert into busy default values",
        )
        .await;
    let house = House::with(database, &rust_revisions(&[(__hardtack_up, Transaction::None)])).await;
    let id = house.begin_upgrade().await;
    house.database.wait_for("select exists (select from hardtack.backfill)").await;
    let ask = async |what: &str, body: Value| {
        house.server.post(&house.texts.operator, &format!("/backfills/waits/{what}"), &body).await
    };
    assert_eq!(ask("pause", json!({})).await.status, 204);
    assert_eq!(state(&house).await, "paused");
    let again = ask("pause", json!({})).await;
    assert!(again.status == 409 && again.error().contains("it is paused"), "{again:?}");
    assert_eq!(ask("resume", json!({})).await.status, 204);
    for (body, text) in [(json!({}), "name is missing"), (json!({"database": "orders"}), "not \"orders\"")] {
        let refused = ask("cancel", body).await;
        assert!(refused.status == 409 && refused.error().contains(text), "{refused:?}");
    }
    assert_eq!(state(&house).await, "running");
    assert_eq!(ask("cancel", json!({"database": house.name()})).await.status, 204);
    // What holds it back goes before what it is told.
    house.database.execute("delete from busy").await;
    let job = house.ended(&id).await;
    assert_eq!((&job["state"], state(&house).await), (&json!("failed"), json!("cancelled")), "{job}");
    assert_eq!(house.audit().await.last().unwrap(), "ada upgrade failed");
    assert_eq!(ask("retry", json!({})).await.status, 204);
    let job = house.ended(&house.begin_upgrade().await).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(house.database.value("select count(*) from items where n = id * 10 + 1").await, "100");
    let unknown = house.post("/backfills/weights/pause", &json!({})).await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
}
