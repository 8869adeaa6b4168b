use std::time::Duration;

use super::Probe;
use crate::engine::dry_run::{Bounds, CloneFrom, StageChoice};
use crate::history::WayBack;
use crate::plan::Target;

/// What a deploy may be told.
#[derive(Clone, Debug)]
pub struct DeployOptions {
    /// Where the upgrade ends.
    pub target: Target,
    /// How the plan is rehearsed; none goes without.
    pub rehearsal: Option<RehearsalOptions>,
    /// What is done about a failure behind the beginning of the upgrade.
    pub way_back: WayBack,
    /// What tells whether the application is well; none asks nobody.
    pub probe: Option<Probe>,
    /// How long it has to become well.
    pub probe_timeout: Duration,
    /// Whether only to show what would be done: nothing is written, and no lock taken.
    pub plan_only: bool,
}

/// How the plan of a deploy is rehearsed.
#[derive(Clone, Debug)]
pub struct RehearsalOptions {
    /// Where.
    pub stage: StageChoice,
    /// How long it may be in anybody's way.
    pub bounds: Bounds,
    /// A clone to rehearse on in full instead.
    pub clone_from: Option<CloneFrom>,
    /// How old the recorded rehearsal of this very plan may be that stands for another one.
    pub good_for: Duration,
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            target: Target::Head,
            rehearsal: Some(RehearsalOptions::default()),
            way_back: WayBack::Stop,
            probe: None,
            probe_timeout: Duration::from_secs(60),
            plan_only: false,
        }
    }
}

impl Default for RehearsalOptions {
    fn default() -> Self {
        Self {
            stage: StageChoice::Auto,
            bounds: Bounds::default(),
            clone_from: None,
            good_for: Duration::from_secs(3_600),
        }
    }
}
