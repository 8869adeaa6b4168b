//! The states of the parcels that were there before V2.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::{ParcelState, ParcelStatus, parcels};

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<parcels::Row>("parcel-states")
        .filter("state is null")
        .set(parcels::STATE, |parcel| state(parcel.status))
        .target(Duration::from_millis(200))
        .verify(
            "select not exists (select from parcels where state is distinct from parcel_state_of(status))",
        )
        .run()
        .await?;
    Ok(())
}

/// Does nothing: the down of V2 drops what was filled.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

/// A value that was forgotten here does not compile.
fn state(status: ParcelStatus) -> ParcelState {
    match status {
        ParcelStatus::New | ParcelStatus::Accepted => ParcelState::Open,
        ParcelStatus::Shiped => ParcelState::Shipped,
        ParcelStatus::Lost => ParcelState::Cancelled,
    }
}
