use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::LogFormat;
use super::output::colour_allowed;

/// Warnings for people, who see progress as well; for programs the progress is in the log. The development server
/// is announced by the session itself.
fn default_filter(format: LogFormat) -> EnvFilter {
    EnvFilter::new(match format {
        LogFormat::Human => "warn,hardtack::db::embedded=error",
        LogFormat::Json => "warn,hardtack=info",
    })
}

/// Sends `tracing` to standard error. An application that has its own subscriber keeps it.
pub(super) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default_filter(format));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Human => builder
            .with_ansi(colour_allowed() && std::io::stderr().is_terminal())
            .without_time()
            .with_target(false)
            .try_init(),
        // It is the last of the list of spans.
        LogFormat::Json => builder.json().with_current_span(false).try_init(),
    };
}
