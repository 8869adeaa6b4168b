//! The organisations of the tasks that were there before V3; the tasks of nobody go where no tenant looks.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::tasks;

/// The lock keeps the project where it is until the batch is committed; then the foreign key takes over.
const TENANT: &str = "(select organisation_id from projects where id = project_id for key share)";

/// One statement, so that what somebody changes at that moment is moved as it is then. The condition stands twice because the
/// inner one is not asked again behind a lock.
const MOVE_ORPHANS: &str = "with moved as (
        delete from tasks where organisation_id is null
        and not exists (select from projects where projects.id = project_id)
        and id in (
            select id from tasks where organisation_id is null
            and not exists (select from projects where projects.id = project_id) order by id limit 1000
        )
        returning id, project_id, title, deleted_at
    )
    insert into orphaned_tasks (id, project_id, title, deleted_at) select * from moved";

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<tasks::Row>("task-tenants")
        .filter("organisation_id is null")
        .set_sql(tasks::ORGANISATION_ID, TENANT)
        .target(Duration::from_millis(200))
        .run()
        .await?;
    while context.execute(MOVE_ORPHANS, &[]).await? > 0 {
        if context.stop().is_requested() {
            return Err("stopped on request; the orphans that are moved stay so, the next run goes on".into());
        }
    }
    // Those whose project came after the backfill had passed them.
    let late = format!("update tasks set organisation_id = {TENANT} where organisation_id is null");
    context.execute(&late, &[]).await?;
    Ok(())
}

#[hardtack::down]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context
        .batch_execute(
            "insert into tasks (id, project_id, title, deleted_at) overriding system value
            select id, project_id, title, deleted_at from orphaned_tasks;
            delete from orphaned_tasks",
        )
        .await
}

#[hardtack::check(after)]
async fn every_task_has_its_organisation(context: &Context<'_>) -> Result<Check> {
    context.holds("select not exists (select from tasks where organisation_id is null)").await
}
