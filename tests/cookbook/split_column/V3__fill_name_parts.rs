//! The names that were there before V2.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::customers;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<customers::Row>("name-parts")
        .filter("given_name is null")
        .set_sql(customers::GIVEN_NAME, "customer_given_name(full_name)")
        .set_sql(customers::FAMILY_NAME, "customer_family_name(full_name)")
        .target(Duration::from_millis(200))
        .verify("select not exists (select from customers where given_name is null)")
        .run()
        .await?;
    Ok(())
}

/// Does nothing: the down of V2 drops the columns, and until then they do no harm.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}
