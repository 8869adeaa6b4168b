use hardtack::prelude::*;

#[hardtack::up]
async fn up<T>(context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

fn main() {}
