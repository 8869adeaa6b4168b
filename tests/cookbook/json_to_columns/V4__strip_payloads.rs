//! Takes total and currency out of the payloads: of two places that say the same, one will be wrong some day.
//!
//! Only where the columns say it. Stripped from all, a payload that V3 could not read would lose what nobody has read yet.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::payments;

const TARGET: Duration = Duration::from_millis(200);

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    let strip = "payload - array_remove(array[case when total_cents is not null then 'total' end, \
                                              case when currency is not null then 'currency' end], null)";
    context
        .backfill::<payments::Row>("strip")
        .filter(
            "payload ? 'total' and total_cents is not null or payload ? 'currency' and currency is not null",
        )
        .set_sql(payments::PAYLOAD, strip)
        .target(TARGET)
        .run()
        .await?;
    Ok(())
}

/// Puts them back, each in the one form that the release before writes: whether a total was a text or a number is lost.
#[hardtack::down(transaction = "none")]
async fn down(context: &mut Context<'_>) -> Result<()> {
    let put_back = "jsonb_strip_nulls(jsonb_build_object('total', round(total_cents / 100.0, 2), 'currency', currency)) || payload";
    context
        .backfill::<payments::Row>("put-back")
        .filter("total_cents is not null or currency is not null")
        .set_sql(payments::PAYLOAD, put_back)
        .target(TARGET)
        .run()
        .await?;
    Ok(())
}
