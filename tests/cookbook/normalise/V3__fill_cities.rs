//! The cities of the orders that were there before V2.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::orders;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
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

/// Does nothing: the down of V2 drops what was filled.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

#[hardtack::check(after)]
async fn each_order_has_the_city_that_it_names(context: &Context<'_>) -> Result<Check> {
    context
        .holds(
            "select not exists (select from orders left join cities on cities.id = city_id
             where cities.key is distinct from city_key(city))",
        )
        .await
}
