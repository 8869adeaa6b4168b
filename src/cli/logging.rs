use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::LogFormat;
use super::output::colour_allowed;

/// Warnings; the development server is announced by the session itself.
const DEFAULT_FILTER: &str = "warn,hardtack::db::embedded=error";

/// Sends `tracing` to standard error. An application that has its own subscriber keeps it.
pub(super) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Human => builder
            .with_ansi(colour_allowed() && std::io::stderr().is_terminal())
            .without_time()
            .with_target(false)
            .try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
