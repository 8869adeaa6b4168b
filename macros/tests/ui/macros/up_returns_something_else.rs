use hardtack::prelude::*;

#[hardtack::up]
async fn up(context: &mut Context<'_>) -> Option<()> {
    None
}

fn main() {}
