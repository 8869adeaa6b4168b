//! The organisations of the tasks that were there before V3; the tasks of nobody go where no tenant looks.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::tasks;

const TARGET: Duration = Duration::from_millis(200);

/// The share lock keeps the project from moving to another organisation until the batch is committed, when the foreign key takes over.
const TENANT: &str = "(select organisation_id from projects where id = project_id for share)";

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<tasks::Row>("task-tenants")
        .filter("organisation_id is null")
        .set_sql(tasks::ORGANISATION_ID, TENANT)
        .target(TARGET)
        .run()
        .await?;
    context
        .backfill::<tasks::Row>("copy-orphans")
        .filter("organisation_id is null")
        .insert_into(
            "orphaned_tasks (id, project_id, title, deleted_at)",
            "id, project_id, title, deleted_at",
        )
        .target(TARGET)
        .run()
        .await?;
    context
        .backfill::<tasks::Row>("remove-orphans")
        .filter("organisation_id is null and exists (select from orphaned_tasks where orphaned_tasks.id = tasks.id)")
        .delete()
        .target(TARGET)
        .verify("select not exists (select from tasks where organisation_id is null)")
        .run()
        .await?;
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
