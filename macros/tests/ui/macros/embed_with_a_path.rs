hardtack::embed!("migrations");

fn main() {}
