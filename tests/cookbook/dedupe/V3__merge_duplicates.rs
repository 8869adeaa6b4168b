//! Merges the subscribers of one address into one: who confirmed, and otherwise who came first. Who unsubscribed anywhere has
//! unsubscribed.
//!
//! A short transaction an address: it locks the rows, and then each statement sees what others had committed before the lock. In
//! one statement, however clever, a delivery that came at that moment would be deleted with its subscriber.

use hardtack::prelude::*;
use hardtack::types::time::OffsetDateTime;

use super::schema::subscribers::Row as Subscriber;

/// Addresses that are looked up together, in the order of their index.
const PAGE: i64 = 1_000;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let query = "select subscriber_key(email) from subscribers \
                     where $1::text is null or subscriber_key(email) > $1 \
                     group by 1 having count(*) > 1 order by 1 limit $2";
        let page = context.query(query, &[&after, &PAGE]).await?;
        let addresses: Vec<String> = page.iter().map(|row| row.get(0)).collect();
        for address in &addresses {
            if context.stop().is_requested() {
                return Err("stopped on request; what is merged stays so, the next run goes on".into());
            }
            context.batch_execute("begin").await?;
            let merged = merge(context, address).await;
            context.batch_execute(if merged.is_ok() { "commit" } else { "rollback" }).await?;
            merged?;
        }
        let Some(last) = addresses.into_iter().next_back() else { return Ok(()) };
        after = Some(last);
    }
}

async fn merge(context: &Context<'_>, address: &str) -> Result<()> {
    let lock = "where subscriber_key(email) = $1 order by id for update";
    let group = context.rows::<Subscriber>(lock, &[&address]).await?;
    let Some(kept) = group.iter().min_by_key(|row| (row.confirmed_at.is_none(), row.id)) else {
        return Ok(());
    };
    let duplicates: Vec<i64> = group.iter().map(|row| row.id).filter(|id| *id != kept.id).collect();
    let earliest = |date: fn(&Subscriber) -> Option<OffsetDateTime>| group.iter().filter_map(date).min();
    let (confirmed, unsubscribed) = (earliest(|row| row.confirmed_at), earliest(|row| row.unsubscribed_at));

    let archive = "insert into subscriber_duplicates (id, kept_id, email, confirmed_at, unsubscribed_at, deliveries) \
                   select id, $1, email, confirmed_at, unsubscribed_at, \
                   array(select deliveries.id from deliveries where subscriber_id = subscribers.id order by 1) \
                   from subscribers where id = any($2)";
    context.execute(archive, &[&kept.id, &duplicates]).await?;
    let deliveries = "update deliveries set subscriber_id = $1 where subscriber_id = any($2)";
    context.execute(deliveries, &[&kept.id, &duplicates]).await?;
    let state = "update subscribers set confirmed_at = $2, unsubscribed_at = $3 where id = $1";
    context.execute(state, &[&kept.id, &confirmed, &unsubscribed]).await?;
    context.execute("delete from subscribers where id = any($1)", &[&duplicates]).await?;
    Ok(())
}

/// Brings the duplicates back, with their deliveries. Who was kept stays unsubscribed where a duplicate was.
#[hardtack::down]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context
        .batch_execute(
            "alter table subscribers disable trigger subscribers_refuse_new;
            insert into subscribers (id, email, confirmed_at, unsubscribed_at) overriding system value
            select id, email, confirmed_at, unsubscribed_at from subscriber_duplicates
            where exists (select from subscribers where subscribers.id = kept_id);
            update deliveries set subscriber_id = duplicate.id from subscriber_duplicates duplicate
            where deliveries.id = any(duplicate.deliveries) and deliveries.subscriber_id = duplicate.kept_id;
            delete from subscriber_duplicates;
            alter table subscribers enable trigger subscribers_refuse_new",
        )
        .await
}

#[hardtack::check(after)]
async fn every_address_is_there_once(context: &Context<'_>) -> Result<Check> {
    let query =
        "select not exists (select from subscribers group by subscriber_key(email) having count(*) > 1)";
    context.holds(query).await
}
