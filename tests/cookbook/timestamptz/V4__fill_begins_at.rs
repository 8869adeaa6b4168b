//! The bookings that were there before V3.
//!
//! By the server: it knows the time zone's history, and a booking at `infinity` has no home in a Rust type.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::bookings;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<bookings::Row>("begins-at")
        .filter("begins_at is null")
        .set_sql(bookings::BEGINS_AT, "starts_at at time zone 'Europe/Berlin'")
        .target(Duration::from_millis(200))
        .verify("select not exists (select from bookings where begins_at is null)")
        .run()
        .await?;
    Ok(())
}

/// Does nothing: the down of V3 drops what was filled.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}
