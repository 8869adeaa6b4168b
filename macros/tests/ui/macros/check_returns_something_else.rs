use hardtack::prelude::*;

#[hardtack::check(unchanged)]
async fn rows(context: &Context<'_>) -> Result<i64> {
    Ok(context.query_one("select count(*) from accounts", &[]).await?.get(0))
}

fn main() {}
