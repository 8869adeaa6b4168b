//! Inside an application: what it does about its schema at startup, and what it says of itself to whoever asks.

mod answer;
mod boot;
mod monitor;
mod phase;
mod policy;
#[cfg(feature = "axum")]
mod routes;
#[cfg(all(feature = "systemd", unix))]
mod systemd;

pub use answer::{Answer, Probe};
pub use boot::{BootError, Booted};
pub use monitor::Monitor;
pub use phase::{Phase, StepProgress};
pub use policy::{BootPolicy, OnAhead, OnPending};
#[cfg(all(feature = "axum", feature = "prometheus"))]
pub use routes::metrics_route;
#[cfg(feature = "axum")]
pub use routes::routes;
