use hardtack::prelude::*;

#[hardtack::check(after)]
async fn nothing_is_lost(context: &mut Context<'_>) -> Result<Check> {
    context.holds("select true").await
}

fn main() {}
