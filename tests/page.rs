//! The admin page, in a real browser.

mod browser;
mod house;
mod pictures;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hardtack::admin::auth::{Audit, Authenticate, Denied, Door, Origins, Principal, Role};
use hardtack::prelude::*;
use hardtack::{RevisionSet, Target, Transaction, UpgradeOptions};
use http::request::Parts;

use crate::support::{Folder, TestDatabase, rust_revisions};
use browser::Browser;
use house::House;

/// A shop: three revisions are applied at first, and three are to come.
const SHOP: [(&str, &str); 6] = [
    (
        "V1__customers.sql",
        "create table customers (\n    id bigint generated always as identity primary key,\n    email text not null,\n    name text\n);\n\
         insert into customers (email, name) select 'c' || i || '@example.com', 'Customer ' || i from generate_series(1, 20000) i;\n",
    ),
    (
        "V2__orders.sql",
        "create table orders (\n    id bigint generated always as identity primary key,\n    customer bigint not null references customers,\n    \
         total numeric(12, 2) not null,\n    legacy_code text\n);\n\
         insert into orders (customer, total, legacy_code) select 1 + i % 20000, i % 1000, 'L' || i from generate_series(1, 60000) i;\nanalyze;\n",
    ),
    (
        "V3__order_customers_index.sql",
        "-- hardtack: no-transaction\ncreate index concurrently orders_by_customer on orders (customer);\n",
    ),
    (
        "V4__drop_legacy_code.sql",
        "-- hardtack: allow ban-drop-column \"nothing has read it since 2.3\"\n\n-- Exported to the archive before.\nalter table orders drop column legacy_code;\n",
    ),
    (
        "V5__order_totals_are_positive.sql",
        "-- hardtack: allow constraint-missing-not-valid \"a quiet hour\"\nalter table orders add constraint total_is_positive check (total >= 0);\n",
    ),
    (
        "V6__nightly_totals.sql",
        "-- hardtack: no-transaction\ncreate table nightly_totals (day date primary key, total numeric not null);\nselect pg_sleep(4);\n\
         insert into nightly_totals select '2026-11-27', sum(total) from orders;\nselect pg_sleep(4);\ncomment on table nightly_totals is 'by the night job';\n",
    ),
];

fn shop() -> RevisionSet {
    let folder = Folder::new(&SHOP);
    folder.write("V4__drop_legacy_code.down.sql", "alter table orders add column legacy_code text;\n");
    folder.revisions()
}

/// What is seen of a button.
async fn is_disabled(browser: &Browser, name: &str) -> bool {
    let script = format!(
        "return [...document.querySelectorAll('button')].find(one => one.textContent.startsWith('{name}')).disabled"
    );
    browser.script(&script).await == true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_what_they_may() {
    let Some(browser) = Browser::start(true).await else { return };
    let house = House::at(3, "shop_of_three", &shop()).await;
    let tokens = [house.token(Role::Viewer).await, house.token(Role::Operator).await];
    let admin = house.token(Role::Admin).await;
    // A wrong token lets nobody in, and is not kept.
    browser.go(&house.url("/admin/plan?to=5")).await;
    browser.arrive("/admin/login?next=%2Fadmin%2Fplan%3Fto%3D5").await;
    pictures::take(&browser, "login").await;
    browser.type_into("#token", &format!("hardtack_{}", "0".repeat(64))).await;
    browser.press("Log in").await;
    browser.until("#wrong", "The token is not valid.").await;
    assert_eq!(browser.script("return document.querySelector('#token').value").await, "");
    // A good one leads to where somebody was going.
    browser.type_into("#token", &tokens[0]).await;
    browser.press("Log in").await;
    browser.arrive("/admin/plan?to=5").await;
    assert!(!browser.texts("nav a").await.contains(&"Audit".to_owned()));
    assert!(is_disabled(&browser, "Rehearse").await && is_disabled(&browser, "Upgrade").await);
    browser.until(".denied", "Your role is viewer, and this wants operator.").await;
    browser.go(&house.url("/admin/tokens")).await;
    browser.until("main", "This wants the role admin.").await;
    pictures::take(&browser, "refused").await;
    browser.go(&house.url("/admin/nowhere")).await;
    browser.until("h1", "Not found").await;
    browser.go(&house.url("/admin/api/nowhere")).await;
    browser.until("body", "{\"error\":\"there is nothing at this address\"}").await;
    browser.go(&house.url("/admin")).await;
    browser.press("Log out").await;
    browser.arrive("/admin/login").await;
    // An operator goes forward, and not back.
    house.log_in(&browser, &tokens[1]).await;
    browser.go(&house.url("/admin/plan?steps=1")).await;
    assert!(!is_disabled(&browser, "Rehearse").await && is_disabled(&browser, "Downgrade").await);
    browser.press("Log out").await;
    browser.arrive("/admin/login").await;
    an_admin_manages_tokens(&browser, &house, &admin).await;
    browser.is_silent().await;
}

async fn an_admin_manages_tokens(browser: &Browser, house: &House, admin: &str) {
    house.log_in(browser, admin).await;
    browser.press("Tokens").await;
    browser.type_into("#name", "night-job").await;
    browser.press("Make it").await;
    browser.until(".made", "nobody sees it again").await;
    pictures::take(browser, "tokens").await;
    assert!(browser.text("#secret").await.starts_with("hardtack_"));
    browser.press("Tokens").await;
    assert!(!browser.has("#secret").await);
    browser.press("Revoke night-job").await;
    browser.until("tbody", "revoked by ada").await;
    browser.press("Audit").await;
    browser.until("tbody", "manage tokens").await;
    pictures::take(browser, "audit").await;
    browser.go(&house.url("/admin/audit?who=vera&outcome=refused")).await;
    browser.until("tbody", "view tokens").await;
    assert!(browser.texts("tbody th").await.iter().all(|who| who.starts_with("vera")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_rehearsed_confirmed_and_run() {
    let Some(browser) = Browser::start(true).await else { return };
    let house = House::at(3, "shop", &shop()).await;
    house.log_in(&browser, &house.token(Role::Operator).await).await;
    assert_eq!(browser.texts("tr.pending th").await.len(), 3);
    pictures::take(&browser, "timeline").await;
    // Whoever has only keys gets past the navigation at once.
    browser.go(&house.url("/admin")).await;
    assert_eq!(browser.key("\u{e004}").await, "Skip to the content");
    browser.press("V4__drop_legacy_code").await;
    browser.until("h1", "V4__drop_legacy_code").await;
    browser.until(".issues", "nothing has read it since 2.3").await;
    assert!(browser.text("pre.sql").await.contains("drop column legacy_code"));
    pictures::take(&browser, "revision").await;
    browser.press("Plan").await;
    browser.until("main", "loses data").await;
    pictures::take(&browser, "plan").await;
    // What is rehearsed leaves nothing.
    browser.press("Rehearse").await;
    browser.arrive("/admin/jobs/").await;
    browser.until("#state", "succeeded").await;
    browser.until("main", "Timeline of locks").await;
    browser.until("main", "ACCESS EXCLUSIVE").await;
    pictures::take(&browser, "rehearsal").await;
    assert_eq!(house.database.applied().await, [1, 2, 3]);
    another_name_is_refused(&browser, &house).await;
    browser.press("Look at the plan again").await;
    browser.press("Upgrade…").await;
    browser.type_into("#database", house.name()).await;
    browser.press(&format!("Upgrade {}", house.name())).await;
    browser.arrive("/admin/jobs/").await;
    it_is_seen_at_work(&browser).await;
    assert_eq!(house.database.applied().await, [1, 2, 3, 4, 5, 6]);
    browser.press("Timeline").await;
    browser.until(".summary-card", "up to date").await;
    browser.press("Run log").await;
    browser.until("tbody tr:first-child", "up 4, up 5, up 6").await;
    pictures::take(&browser, "runs").await;
    browser.press("Jobs").await;
    browser.until("tbody", "Rehearsal of an upgrade to the newest version").await;
    pictures::take(&browser, "jobs").await;
    browser.is_silent().await;
}

async fn another_name_is_refused(browser: &Browser, house: &House) {
    browser.press("Plan").await;
    browser.press("Upgrade…").await;
    browser.until("h1", &format!("Upgrade {}?", house.name())).await;
    pictures::take(browser, "confirm").await;
    browser.type_into("#database", "another").await;
    browser.press(&format!("Upgrade {}", house.name())).await;
    browser.until("h1", "Nothing was begun").await;
    browser.until("main", "not \"another\"; nothing was changed").await;
    assert_eq!(house.database.applied().await, [1, 2, 3]);
}

async fn it_is_seen_at_work(browser: &Browser) {
    // This page is not loaded again: the script has it from the stream of events.
    browser.script("window.stays = true").await;
    browser.until("#phase", "V6__nightly_totals, 3 of 3: statements, 1 of 5").await;
    pictures::take(browser, "job").await;
    browser.until("#phase", "statements, 3 of 5").await;
    assert_eq!(browser.script("return window.stays").await, true);
    let value = browser.script("return document.querySelector('#bar').value").await;
    assert!((80.0..=94.0).contains(&value.as_f64().unwrap()), "{value}");
    browser.until("#state", "succeeded").await;
    browser.until("main", "From 3 to 6 in").await;
    let log = browser.texts("#log li").await;
    assert!(log.iter().any(|line| line.contains("[1/3] V4__drop_legacy_code")), "{log:?}");
    pictures::take(browser, "upgraded").await;
}

/// What a page needs does not need the script.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_script_all_of_it_works() {
    let Some(browser) = Browser::start(false).await else { return };
    let house = House::at(3, "shop_without_script", &shop()).await;
    house.log_in(&browser, &house.token(Role::Operator).await).await;
    browser.go(&house.url("/admin/plan?to=4")).await;
    browser.press("Upgrade…").await;
    browser.type_into("#database", house.name()).await;
    browser.press(&format!("Upgrade {}", house.name())).await;
    browser.arrive("/admin/jobs/").await;
    browser.until("#state", "succeeded").await;
    assert_eq!(house.database.applied().await, [1, 2, 3, 4]);
    browser.press("Log out").await;
    browser.arrive("/admin/login").await;
    browser.is_silent().await;
}

/// Everybody is jo.
struct Jo;

impl Authenticate for Jo {
    fn authenticate<'a>(
        &'a self,
        request: &'a Parts,
        _: Option<IpAddr>,
    ) -> BoxFuture<'a, std::result::Result<Principal, Denied>> {
        let is_stranger = request.uri.path() == "/admin/runs";
        Box::pin(async move {
            if is_stranger {
                Err(Denied::Missing)
            } else {
                Ok(Principal::of_application("jo", Role::Operator))
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_may_know_its_operators_by_itself() {
    let Some(browser) = Browser::start(true).await else { return };
    let database = TestDatabase::empty().await;
    let migrator = database.migrator(&shop());
    // The audit is there once something was applied.
    let target = Target::Version(3);
    migrator.upgrade(UpgradeOptions { target, ..UpgradeOptions::default() }).await.unwrap();
    let door = Door::of_application(Arc::new(Jo), Origins::loopback(), Audit::new(&migrator).unwrap());
    let house = House::behind(door, database, migrator).await;
    browser.go(&house.url("/admin/login")).await;
    browser.arrive("/admin").await;
    browser.until(".who", "jo operator").await;
    assert!(!browser.has(".who button").await);
    browser.press("Drift").await;
    browser.press("Compare now").await;
    browser.arrive("/admin/jobs/").await;
    browser.until("#state", "succeeded").await;
    browser.until("main", "no drift").await;
    // There is no login to lead to.
    browser.go(&house.url("/admin/runs")).await;
    browser.until("h1", "Nobody is logged in").await;
    browser.is_silent().await;
}

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
    let backfill = context.backfill::<items::Row>("count-items");
    backfill
        .set_sql(items::N, "n + 1 + length(pg_sleep((select seconds from pace))::text)")
        .most_rows(50)
        .run()
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_is_paused_and_goes_on() {
    let Some(browser) = Browser::start(true).await else { return };
    let database = TestDatabase::empty().await;
    let items = "create table items (id bigint primary key, n bigint not null); \
                 insert into items select i, 0 from generate_series(1, 3000) i; analyze items; \
                 create table pace as select 0.005 as seconds";
    database.execute(items).await;
    let revisions = rust_revisions(&[(__hardtack_up, Transaction::None)]);
    let house = House::of(database, None, &revisions).await;
    house.log_in(&browser, &house.token(Role::Operator).await).await;
    browser.press("Backfills").await;
    browser.until(".empty", "No backfill is under way").await;
    browser.press("Plan").await;
    browser.press("Upgrade…").await;
    browser.type_into("#database", house.name()).await;
    browser.press(&format!("Upgrade {}", house.name())).await;
    browser.arrive("/admin/jobs/").await;
    browser.until("#phase", "V1__rust, 1 of 1: ").await;
    browser.press("Backfills").await;
    browser.until("h2", "running").await;
    browser.press("Pause").await;
    browser.until("h2", "paused").await;
    pictures::take(&browser, "backfills").await;
    // It stands still.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let rows = || house.database.value("select count(*) from items where n > 0");
    let before = rows().await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(rows().await, before);
    // To end it wants the name.
    browser.press("Cancel…").await;
    browser.type_into("input[name=database]", "another").await;
    browser.press("Cancel the backfill").await;
    browser.until("h1", "Nothing was begun").await;
    browser.press("Backfills").await;
    browser.press("Resume").await;
    browser.until("h2", "running").await;
    house.database.execute("update pace set seconds = 0").await;
    // The page is looked at again by itself.
    browser.until(".empty", "No backfill is under way").await;
    assert_eq!(rows().await, "3000");
    browser.is_silent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drift_is_shown_side_by_side() {
    let Some(browser) = Browser::start(true).await else { return };
    let house = House::at(3, "shop_by_hand", &shop()).await;
    let by_hand = "alter table customers alter column name set not null, alter column name type varchar(200); \
                   create index customers_by_email on customers (email); drop index orders_by_customer";
    house.database.execute(by_hand).await;
    house.log_in(&browser, &house.token(Role::Operator).await).await;
    browser.press("Drift").await;
    browser.until(".empty", "Nothing was compared yet").await;
    browser.press("Compare now").await;
    browser.arrive("/admin/jobs/").await;
    browser.until("#state", "succeeded").await;
    browser.press("Drift").await;
    browser.until(".lead", "3 objects differ.").await;
    let names = browser.texts(".sides-table caption").await;
    assert!(names[0].contains("different column public.customers.name"), "{names:?}");
    let made = browser.texts(".sides-table:first-of-type td").await;
    assert!(made.contains(&"text".to_owned()) && made.iter().any(|text| text.contains("(200)")), "{made:?}");
    assert!(browser.texts(".sides-table .ins").await.iter().any(|text| text.contains("(email)")));
    pictures::take(&browser, "drift").await;
    browser.is_silent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_taken_and_verified() {
    let Some(browser) = Browser::start(true).await else { return };
    let house = House::at(3, "shop_to_keep", &shop()).await;
    house.log_in(&browser, &house.token(Role::Operator).await).await;
    browser.press("Backups").await;
    browser.until(".empty", "There is no backup").await;
    browser.press("Take it").await;
    browser.until("#state", "succeeded").await;
    browser.press("See the backups").await;
    browser.until("tbody", "full").await;
    browser.press("Verify by reading").await;
    browser.until("#state", "succeeded").await;
    browser.press("Backups").await;
    browser.until("tbody", "read").await;
    pictures::take(&browser, "backups").await;
    browser.is_silent().await;
}
