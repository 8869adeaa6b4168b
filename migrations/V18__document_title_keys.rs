//! The keys of the titles that are there.
//!
//! In Rust, because the rule has to be the application's own: PostgreSQL's `lower` depends on the database's locale.

use hardtack::prelude::*;

use super::schema::documents;

const BATCH: i64 = 1_000;

/// Nobody edits a document here, so its date stays: the trigger that would set it is off meanwhile.
#[hardtack::after]
async fn fill(context: &mut Context<'_>) -> Result<()> {
    context.batch_execute("alter table documents disable trigger documents_set_updated_at").await?;
    let mut after = i64::MIN;
    loop {
        if context.stop().is_requested() {
            return Err("stopped on request while filling the keys of titles; nothing was changed".into());
        }
        let titles = page(context, after).await?;
        let Some(&(last, ..)) = titles.last() else { break };
        after = last;
        let (ids, keys): (Vec<i64>, Vec<String>) = titles.iter().map(|(id, title, _)| (*id, key(title))).unzip();
        let statement = "update documents set title_key = batch.key \
                         from unnest($1::bigint[], $2::text[]) as batch (id, key) where documents.id = batch.id";
        context.execute(statement, &[&ids, &keys]).await?;
    }
    context.batch_execute("alter table documents enable trigger documents_set_updated_at").await
}

#[hardtack::check(after)]
async fn keys_are_those_of_their_titles(context: &Context<'_>) -> Result<Check> {
    let mut after = i64::MIN;
    loop {
        let titles = page(context, after).await?;
        let Some(&(last, ..)) = titles.last() else { return Ok(Check::Holds) };
        after = last;
        let is_wrong = |(_, title, found): &&(i64, String, Option<String>)| found.as_ref() != Some(&key(title));
        if let Some((id, ..)) = titles.iter().find(is_wrong) {
            return Ok(Check::Fails(format!("document {id} has the key of another title")));
        }
    }
}

/// The next documents: their ids, titles and keys.
async fn page(context: &Context<'_>, after: i64) -> Result<Vec<(i64, String, Option<String>)>> {
    let columns = (documents::ID, documents::TITLE, documents::TITLE_KEY);
    context.columns(columns, "where id > $1 order by id limit $2", &[&after, &BATCH]).await
}

fn key(title: &str) -> String {
    title.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
