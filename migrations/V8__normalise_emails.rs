//! E-mail addresses without surrounding white space and in lower case, as sign-in compares them from here on.
//!
//! In Rust, because the rule has to be the application's own: PostgreSQL's `lower` depends on the database's
//! locale, and its `btrim` strips plain spaces only.

use std::collections::{BTreeMap, HashMap};

use hardtack::prelude::*;

use super::schema::accounts;

const BATCH: i64 = 1_000;

/// Groups of accounts that an error names; the operator merges these and sees the next ones.
const NAMED_GROUPS: usize = 20;

/// Accounts that would share an address, by that address.
type Collisions = BTreeMap<String, Vec<i64>>;

struct Change {
    id: i64,
    former: String,
    email: String,
}

/// All or nothing: a collision rolls every batch back.
#[hardtack::up]
async fn up(context: &mut Context<'_>) -> Result<()> {
    let mut collisions = Collisions::new();
    let mut after = i64::MIN;
    loop {
        if context.stop().is_requested() {
            return Err("stopped on request while normalising e-mail addresses; nothing was changed".into());
        }
        let accounts = page(context, after).await?;
        let Some(&(last, _)) = accounts.last() else { break };
        after = last;
        let changes = changes(accounts);
        let changes = without_collisions(context, changes, &mut collisions).await?;
        write(context, &changes).await?;
    }
    if collisions.is_empty() { Ok(()) } else { Err(report(&collisions).into()) }
}

/// Does nothing: how an address was typed is not kept, and the program before this revision accepts
/// normalised addresses as well.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

fn normalise(email: &str) -> String {
    email.trim().to_lowercase()
}

async fn page(context: &Context<'_>, after: i64) -> Result<Vec<(i64, String)>> {
    let columns = (accounts::ID, accounts::EMAIL);
    context.columns(columns, "where id > $1 order by id limit $2", &[&after, &BATCH]).await
}

fn changes(accounts: Vec<(i64, String)>) -> Vec<Change> {
    accounts
        .into_iter()
        .map(|(id, former)| Change { id, email: normalise(&former), former })
        .filter(|change| change.email != change.former)
        .collect()
}

/// Keeps the changes to addresses that nobody has; the others are collisions.
///
/// Earlier batches are written already, so an address is taken either in the table or in this batch.
async fn without_collisions(
    context: &Context<'_>,
    changes: Vec<Change>,
    collisions: &mut Collisions,
) -> Result<Vec<Change>> {
    let mut taken = holders(context, &changes).await?;
    let mut free = Vec::with_capacity(changes.len());
    for change in changes {
        if let Some(&holder) = taken.get(&change.email) {
            collisions.entry(change.email).or_insert_with(|| vec![holder]).push(change.id);
        } else {
            taken.insert(change.email.clone(), change.id);
            free.push(change);
        }
    }
    Ok(free)
}

async fn holders(context: &Context<'_>, changes: &[Change]) -> Result<HashMap<String, i64>> {
    let emails: Vec<&str> = changes.iter().map(|change| change.email.as_str()).collect();
    let holders = context.columns((accounts::EMAIL, accounts::ID), "where email = any($1)", &[&emails]).await?;
    Ok(holders.into_iter().collect())
}

/// Leaves an address alone that its owner has changed since it was read.
async fn write(context: &Context<'_>, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = changes.iter().map(|change| change.id).collect();
    let emails: Vec<&str> = changes.iter().map(|change| change.email.as_str()).collect();
    let formers: Vec<&str> = changes.iter().map(|change| change.former.as_str()).collect();
    let statement = "update accounts set email = batch.email \
                     from unnest($1::bigint[], $2::text[], $3::text[]) as batch (id, email, former) \
                     where accounts.id = batch.id and accounts.email = batch.former";
    context.execute(statement, &[&ids, &emails, &formers]).await?;
    Ok(())
}

/// Names accounts by id only: an error ends in logs, where addresses do not belong.
fn report(collisions: &Collisions) -> String {
    let groups: Vec<String> = collisions
        .values()
        .take(NAMED_GROUPS)
        .map(|ids| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
        .collect();
    let more = match collisions.len().saturating_sub(NAMED_GROUPS) {
        0 => String::new(),
        more => format!(" and {more} more groups"),
    };
    format!(
        "accounts with the same e-mail address but for case and white space (ids {}){more}; \
         merge each group into one account, then upgrade again",
        groups.join("; ")
    )
}
