use std::sync::Arc;

use hardtack::catalog::differences;
use hardtack_cookbook::Keys;
use hardtack_cookbook::reencrypt::REVISIONS;

use super::{Application, Kitchen};

fn keys() -> Keys {
    Keys::new(&[[1; 32], [2; 32]]).unwrap()
}

fn literal(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("'\\x{hex}'")
}

/// As the release writes a secret.
fn insert(keys: &Keys, version: i16, id: i64, secret: &str) -> String {
    let sealed = literal(&keys.seal(version, id, secret.as_bytes()).unwrap());
    format!(
        "insert into payout_accounts (id, holder, iban_sealed, key_version) overriding system value \
         values ({id}, 'Holder {id}', {sealed}, {version});"
    )
}

async fn kitchen(secrets: &[&str]) -> Kitchen {
    let keys = keys();
    let rows: Vec<String> = (1..).zip(secrets).map(|(id, secret)| insert(&keys, 1, id, secret)).collect();
    let mut kitchen = Kitchen::new(&REVISIONS, &rows.concat()).await;
    kitchen.migrator = kitchen.migrator.with_state(Arc::new(keys));
    kitchen
}

/// Each account's key and secret; none for one that was erased, an error for one that does not open.
async fn opened(kitchen: &Kitchen) -> Vec<(i64, i16, String)> {
    let (keys, connection) = (keys(), kitchen.database.connect().await);
    let query = "select id, key_version, iban_sealed from payout_accounts order by id";
    let open = |row: tokio_postgres::Row| {
        let (id, version): (i64, i16) = (row.get(0), row.get(1));
        let sealed: Option<Vec<u8>> = row.get(2);
        let secret = match sealed.map(|sealed| keys.open(version, id, &sealed)) {
            None => "erased".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(secret)) => String::from_utf8(secret).unwrap(),
        };
        (id, version, secret)
    };
    connection.client.query(query, &[]).await.unwrap().into_iter().map(open).collect()
}

const SECRETS: [&str; 4] = ["DE89 3704 0044 0532 0130 00", "", "ünïcode 🏦", "to be erased"];
const ERASE: &str = "update payout_accounts set iban_sealed = null where id = 4";

fn expected(version: i16) -> Vec<(i64, i16, String)> {
    let texts = SECRETS[..3].iter().copied().chain(["erased"]);
    (1..).zip(texts).map(|(id, text)| (id, version, text.to_owned())).collect()
}

#[tokio::test]
async fn every_secret_opens_with_the_new_key_and_goes_back() {
    let kitchen = kitchen(&SECRETS).await;
    kitchen.execute(ERASE).await;
    let (first, catalog) =
        (kitchen.rows("select * from payout_accounts").await, kitchen.migrator.catalog().await.unwrap());
    for _ in 0..2 {
        kitchen.up(3).await;
        assert_eq!(opened(&kitchen).await, expected(2));
        assert!(
            kitchen
                .refused("insert into payout_accounts (holder, key_version) values ('x', 1)")
                .await
                .contains("key_1_retired")
        );
        kitchen.down(1).await;
        assert_eq!(opened(&kitchen).await, expected(1));
        assert_eq!(differences(&catalog, &kitchen.migrator.catalog().await.unwrap()), []);
    }
    assert_ne!(kitchen.rows("select * from payout_accounts").await, first, "a nonce is used once");
}

#[tokio::test]
async fn without_the_keys_nothing_is_touched() {
    let kitchen = Kitchen::new(&REVISIONS, &insert(&keys(), 1, 1, "secret")).await;
    let error = kitchen.try_up(2).await.unwrap_err();
    assert!(error.contains("Keys"), "{error}");
    assert_eq!(opened(&kitchen).await, [(1, 1, "secret".to_owned())]);
}

#[tokio::test]
async fn a_damaged_secret_is_named_and_keeps_key_1_alive() {
    let kitchen = kitchen(&["one", "two", "three"]).await;
    // The secret of another row is as good as damaged.
    kitchen
        .execute("update payout_accounts set iban_sealed = (select iban_sealed from payout_accounts where id = 1) where id = 2; \
                  update payout_accounts set iban_sealed = '' where id = 3")
        .await;
    kitchen.up(2).await;
    let rejected = kitchen.rows("select key::text, reason from hardtack.backfill_reject order by 1").await;
    let reason = "open or seal a secret with key 1";
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(rejected.iter().all(|row| row.contains(reason)), "{rejected:?}");
    let error = kitchen.try_up(3).await.unwrap_err();
    assert!(error.contains("\"no secret needs key 1\""), "{error}");
    kitchen
        .execute("update payout_accounts set iban_sealed = null, key_version = 2 where key_version = 1")
        .await;
    kitchen.up(3).await;
    assert_eq!(opened(&kitchen).await[0], (1, 2, "one".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_seals_meanwhile() {
    let texts: Vec<String> = (1..=5_000).map(|number| format!("secret {number}")).collect();
    let kitchen = kitchen(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let changing = keys();
    let application = Application::start(&kitchen, move |number| {
        let number = i64::try_from(number).unwrap();
        let id = number * 37 % 5_000 + 1;
        if number % 3 == 0 {
            return insert(&changing, 2, 5_000 + number, &format!("secret {}", 5_000 + number));
        }
        let sealed = literal(&changing.seal(2, id, format!("changed {id}").as_bytes()).unwrap());
        format!("update payout_accounts set iban_sealed = {sealed}, key_version = 2 where id = {id}")
    });
    kitchen.up(3).await;
    assert!(application.stop().await > 20);
    for (id, version, secret) in opened(&kitchen).await {
        assert!(
            version == 2 && (secret == format!("secret {id}") || secret == format!("changed {id}")),
            "{id}: {secret}"
        );
    }
}
