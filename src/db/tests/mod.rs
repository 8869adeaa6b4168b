//! Tests against real servers, started by the embedded server's own code.

#[cfg(all(unix, feature = "embedded"))]
mod connecting;
#[cfg(all(unix, feature = "embedded"))]
mod embedded;
mod options;
#[cfg(all(unix, feature = "embedded"))]
mod support;
#[cfg(all(unix, feature = "embedded", feature = "tls"))]
mod tls;
