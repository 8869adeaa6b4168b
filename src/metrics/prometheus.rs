use std::fmt;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::{ALL, MetricKind, describe};

/// Why there is no recorder.
#[derive(Debug, thiserror::Error)]
#[error("install the recorder of metrics: {source}; this process has perhaps another one already")]
pub struct InstallError {
    /// What the exporter said.
    source: BuildError,
}

/// A recorder of all metrics of the process, those of the application among them, in Prometheus's text format.
///
/// ```
/// use hardtack::metrics::Prometheus;
///
/// let prometheus = Prometheus::install()?;
/// assert_eq!(prometheus.render(), "", "nothing was recorded yet");
/// # Ok::<(), hardtack::metrics::InstallError>(())
/// ```
#[derive(Clone)]
pub struct Prometheus {
    handle: PrometheusHandle,
}

/// In seconds: a step in one round trip takes milliseconds, an index of a large table hours.
const BUCKETS: [f64; 16] = [
    0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0,
];

impl Prometheus {
    /// Installs it for the whole process, which may have one recorder, and says what hardtack's metrics are about.
    ///
    /// # Errors
    /// The process has one already.
    pub fn install() -> Result<Self, InstallError> {
        let histograms = ALL.iter().filter(|metric| metric.kind == MetricKind::Histogram);
        let installed = histograms
            .map(|metric| Matcher::Full(metric.name.to_owned()))
            .try_fold(PrometheusBuilder::new(), |builder, name| {
                builder.set_buckets_for_metric(name, &BUCKETS)
            })
            .and_then(PrometheusBuilder::install_recorder);
        let handle = installed.map_err(|source| InstallError { source })?;
        describe();
        Ok(Self { handle })
    }

    /// What was recorded since, for `text/plain; version=0.0.4`.
    ///
    /// Samples of histograms are kept until somebody asks.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

impl fmt::Debug for Prometheus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prometheus").finish_non_exhaustive()
    }
}
