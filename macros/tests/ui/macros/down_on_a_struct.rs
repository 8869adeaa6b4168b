#[hardtack::down]
struct Down;

fn main() {}
