use super::{Back, Target};

/// Which way to go, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Forward.
    Up(Target),
    /// Backward.
    Down(Back),
}

impl Default for Way {
    fn default() -> Self {
        Self::Up(Target::Head)
    }
}
