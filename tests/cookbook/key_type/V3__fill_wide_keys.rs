//! The keys of the rows that were there before V2.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::{event_notes, events};

const TARGET: Duration = Duration::from_millis(200);

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<events::Row>("events")
        .filter("id_wide is null")
        .set_sql(events::ID_WIDE, "id")
        .target(TARGET)
        .run()
        .await?;
    context
        .backfill::<event_notes::Row>("event-notes")
        .filter("event_id_wide is distinct from event_id")
        .set_sql(event_notes::EVENT_ID_WIDE, "event_id")
        .target(TARGET)
        .run()
        .await?;
    Ok(())
}

/// Does nothing: the down of V2 drops what was filled.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}
