hardtack::embed!();

fn main() {}
