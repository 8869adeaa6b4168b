use hardtack::prelude::*;

#[hardtack::up]
fn up(context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

fn main() {}
