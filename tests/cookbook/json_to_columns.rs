use hardtack_cookbook::json_to_columns::REVISIONS;

use super::{Application, Kitchen};

const ROWS: &str = r#"insert into payments (payload) values
    ('{"total": 12.5, "currency": "EUR", "note": "é"}'), ('{"total": "12.50", "currency": " eur "}'), ('{"total": -3}'),
    ('{"total": null, "currency": null}'), ('{}'), ('{"total": 0.1, "currency": ""}'), ('[]'), ('"text"'),
    ('{"total": "12,50", "currency": "EUR"}'), ('{"total": 1.005}'), ('{"total": {"eur": 1}}'), ('{"total": 1e30}'),
    ('{"total": 5, "currency": "Euro"}'), ('{"total": 1, "currency": 978}'), ('{"total": ".5"}')"#;

const COLUMNS: &str = "select id, total_cents, currency from payments where total_cents is not null or currency is not null order by id";
const READ: [&str; 4] = ["(1,1250,EUR)", "(2,1250,EUR)", "(3,-300,)", "(6,10,)"];
const PAYLOADS: &str = "select id, payload from payments order by id";

#[tokio::test]
async fn what_can_be_read_is_read_and_the_rest_stays_with_a_reason() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows(PAYLOADS).await;
    kitchen.up(3).await;
    assert_eq!(kitchen.rows(COLUMNS).await, READ);
    assert_eq!(kitchen.rows(PAYLOADS).await, before);
    let rejected = kitchen
        .rows("select key::text, reason from hardtack.backfill_reject order by length(key::text), 1")
        .await;
    let reasons = ["12,50", "1.005", "eur", "1e+30", "payments_currency_code", "978", ".5"];
    assert_eq!(rejected.len(), reasons.len(), "{rejected:#?}");
    for (row, reason) in rejected.iter().zip(reasons) {
        assert!(row.contains(reason), "{row} is not about {reason}");
    }
    kitchen.down(1).await;
    assert_eq!(kitchen.rows(PAYLOADS).await, before);
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(COLUMNS).await, READ);
}

#[tokio::test]
async fn payloads_keep_what_was_not_read_and_get_back_the_rest() {
    let kitchen = Kitchen::new(&REVISIONS, ROWS).await;
    let before = kitchen.rows("select payload from payments order by id").await;
    kitchen.up(5).await;
    let stripped = kitchen.rows("select payload from payments order by id").await;
    let left = ["(\"{\"\"note\"\": \"\"é\"\"}\")", "({})", "({})"];
    assert_eq!(stripped[..3], left);
    assert_eq!(stripped[3..5], before[3..5]);
    assert_eq!(stripped[5], "(\"{\"\"currency\"\": \"\"\"\"}\")");
    assert_eq!(stripped[6..], before[6..]);
    kitchen.down(1).await;
    let put_back =
        kitchen.rows("select payload -> 'total', payload -> 'currency' from payments order by id").await;
    assert_eq!(put_back[..3], ["(12.50,\"\"\"EUR\"\"\")", "(12.50,\"\"\"EUR\"\"\")", "(-3.00,)"]);
    assert_eq!(kitchen.rows("select payload from payments order by id").await[6..], before[6..]);
    kitchen.up(5).await;
    assert_eq!(kitchen.rows(COLUMNS).await, READ);
}

/// The release that comes with V2 writes both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_that_writes_both_is_not_overwritten() {
    let many = r#"insert into payments (payload) select jsonb_build_object('total', i / 100.0, 'currency', 'EUR') from generate_series(1, 10000) i"#;
    let kitchen = Kitchen::new(&REVISIONS, many).await;
    kitchen.up(2).await;
    let application = Application::start(&kitchen, |number| {
        let (id, cents) = (number * 37 % 10_000 + 1, number + 1_000_000);
        format!(
            "update payments set payload = payload || jsonb_build_object('total', {cents} / 100.0), total_cents = {cents} where id = {id}"
        )
    });
    kitchen.up(3).await;
    assert!(application.stop().await > 20);
    let wrong = "select count(*) from payments where total_cents is distinct from (payload ->> 'total')::numeric * 100";
    assert_eq!(kitchen.value(wrong).await, "0");
}
