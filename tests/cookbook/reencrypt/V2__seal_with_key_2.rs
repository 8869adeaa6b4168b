//! Seals every secret anew with key 2.
//!
//! The release that runs meanwhile opens with whatever key the row names, and seals with key 2.

use std::sync::Arc;
use std::time::Duration;

use hardtack::prelude::*;

use super::schema::payout_accounts as accounts;
use crate::Keys;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    // A secret that does not open, for it was damaged long ago, must not keep the others on the old key.
    reseal(context, 1, 2, 100).await
}

#[hardtack::down(transaction = "none")]
async fn down(context: &mut Context<'_>) -> Result<()> {
    reseal(context, 2, 1, 0).await
}

async fn reseal(context: &Context<'_>, from: i16, to: i16, may_skip: u64) -> Result<()> {
    let keys = Arc::clone(context.state::<Arc<Keys>>()?);
    context
        .backfill::<accounts::Row>("reseal")
        .filter(format!("key_version = {from}"))
        .try_set(accounts::IBAN_SEALED, move |account| {
            let Some(sealed) = &account.iban_sealed else { return Ok(None) };
            let secret = keys.open(account.key_version, account.id, sealed)?;
            Ok(Some(keys.seal(to, account.id, &secret)?))
        })
        .set(accounts::KEY_VERSION, move |_| to)
        .skip(may_skip)
        .target(Duration::from_millis(200))
        .run()
        .await?;
    Ok(())
}
