use hardtack::prelude::*;

#[hardtack::after]
fn split(context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

fn main() {}
