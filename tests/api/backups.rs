use serde_json::json;

use super::REVISIONS;
use super::house::{House, began};

#[tokio::test]
async fn a_backup_is_taken_verified_and_listed() {
    let house = House::of(&[REVISIONS[0]]).await;
    house.ended(&house.begin_upgrade().await).await;
    assert_eq!(house.get("/backups").await.json(), json!([]));
    let job = house.ended(&began(&house.post("/backups", &json!({"strategy": "full"})).await)).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let listed = house.get("/backups").await.json();
    let name = listed[0]["name"].as_str().unwrap();
    assert_eq!((&listed[0]["strategy"], &listed[0]["verified"]["depth"]), (&json!("full"), &json!("quick")));
    // Its files are compared with their hashes, and nothing is restored.
    let job = house
        .ended(&began(&house.post(&format!("/backups/{name}/verify"), &json!({"depth": "files"})).await))
        .await;
    assert_eq!(
        (&job["state"], &job["result"]["server_version"]),
        (&json!("succeeded"), &json!(null)),
        "{job}"
    );
    let job = house
        .ended(&began(&house.post(&format!("/backups/{name}/verify"), &json!({"depth": "full"})).await))
        .await;
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(house.get("/backups").await.json()[0]["verified"]["depth"], "full");
}

#[tokio::test]
async fn a_name_is_one_that_is_listed_and_no_path() {
    let house = House::of(&[REVISIONS[0]]).await;
    for name in ["nothing", "..", "%2e%2e", "..%2fbackups", "%2fetc", ".", "%00", "..%5c"] {
        let answer = house.post(&format!("/backups/{name}/verify"), &json!({})).await;
        assert_eq!(answer.status, 404, "{name}: {answer:?}");
        assert!(!answer.text.contains("/tmp"), "{answer:?}");
    }
    assert_eq!(house.get("/jobs").await.json(), json!([]));
    let wrong = house.post("/backups", &json!({"strategy": "all"})).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
}
