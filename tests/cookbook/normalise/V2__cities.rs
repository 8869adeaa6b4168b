//! The cities of the orders that were there before: deferred, so that the application boots and serves meanwhile.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::orders;

#[hardtack::backfill]
async fn order_cities(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<orders::Row>("order-cities")
        .filter("city_id is null and city_key(city) is not null")
        .set_sql(orders::CITY_ID, "city_id_of(city)")
        .target(Duration::from_millis(200))
        .verify("select not exists (select from orders where city_id is null and city_key(city) is not null)")
        .run()
        .await?;
    Ok(())
}
