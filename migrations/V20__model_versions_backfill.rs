//! Names and versions for the analyses that nobody has written since V19.
//!
//! An update that changes nothing is enough: the trigger of V19 makes them from `model`, so that its expressions
//! stand in one place. Without a transaction, in batches, because the queue is never idle.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::analyses;

/// Fills what is empty. A run that was stopped goes on behind its last batch.
#[hardtack::before]
async fn fill(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<analyses::Row>("analyses_model_versions")
        .filter("num_nonnulls(model_name, model_version) = 0")
        .set_sql(analyses::MODEL_NAME, "model_name")
        .target(Duration::from_millis(200))
        .verify("select not exists (select from public.analyses where model_name is null or model_version is null)")
        .run()
        .await?;
    Ok(())
}
