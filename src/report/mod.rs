//! Results as text for whoever reads them: people at a terminal, programs, reviewers of a pull request, test reports,
//! browsers. Nothing here prints.

mod section;

pub use section::{Issue, Level, Outcome, Section};
