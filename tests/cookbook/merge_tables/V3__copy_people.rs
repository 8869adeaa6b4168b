//! The people that were there before V2, and then their badges.
//!
//! Each row is updated to what it is, and the triggers copy it. `insert_into` would be quicker, but the rule would
//! stand in two places.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::{badges, contractors, employees};

const TARGET: Duration = Duration::from_millis(200);

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<employees::Row>("employees")
        .set_sql(employees::EMAIL, "email")
        .target(TARGET)
        .run()
        .await?;
    context
        .backfill::<contractors::Row>("contractors")
        .set_sql(contractors::EMAIL, "email")
        .target(TARGET)
        .run()
        .await?;
    context
        .backfill::<badges::Row>("badges")
        .filter("person_id is null")
        .set_sql(badges::EMPLOYEE_ID, "employee_id")
        .target(TARGET)
        .verify("select not exists (select from badges where person_id is null)")
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
async fn everybody_is_there_once(context: &Context<'_>) -> Result<Check> {
    context
        .holds(
            "select not exists (
                (select kind, former_id, email, name, hired_on, agency from people
                 except all select 'employee', id, email, name, hired_on, null from employees
                 except all select 'contractor', id, email, name, null, agency from contractors)
            ) and (select count(*) from people)
                = (select count(*) from employees) + (select count(*) from contractors)",
        )
        .await
}
