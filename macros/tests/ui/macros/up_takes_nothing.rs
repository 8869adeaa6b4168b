use hardtack::prelude::*;

#[hardtack::up]
async fn up() -> Result<()> {
    Ok(())
}

fn main() {}
