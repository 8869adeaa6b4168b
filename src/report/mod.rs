//! Results as text for whoever reads them: people at a terminal, programs, reviewers of a pull request, test reports,
//! browsers. Nothing here prints.

mod content;
mod dry_run;
#[cfg(any(feature = "admin", feature = "cli"))]
mod events;
#[cfg(test)]
mod fixture;
mod format;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod locks;
mod markdown;
mod sarif;
#[cfg(test)]
mod schema;
mod section;
mod words;

pub use content::{Report, Tool};
#[cfg(any(feature = "admin", feature = "cli"))]
pub(crate) use events::event_text;
pub use format::ReportFormat;
pub use section::{Issue, Level, Outcome, Section};
pub(crate) use words::human;
