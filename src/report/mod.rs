//! Results as text for whoever reads them: people at a terminal, programs, reviewers of a pull request, test reports,
//! browsers. Nothing here prints. With the feature `operations`.

mod content;
mod dry_run;
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
pub use events::event_text;
pub use format::ReportFormat;
#[cfg(feature = "admin")]
pub(crate) use html::{STYLES, class};
pub use section::{Issue, Level, Outcome, Section};
pub(crate) use words::human;
