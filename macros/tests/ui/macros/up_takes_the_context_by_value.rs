use hardtack::prelude::*;

#[hardtack::up]
async fn up(context: Context<'_>) -> Result<()> {
    Ok(())
}

fn main() {}
