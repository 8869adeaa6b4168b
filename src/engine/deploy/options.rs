use std::time::Duration;

use super::{DeployError, Probe};
use crate::backup::{Place, Strategy};
use crate::engine::BackupOptions;
use crate::engine::operations::dry_run::{Bounds, CloneFrom, StageChoice};
use crate::history::WayBack;
use crate::plan::Target;

/// What a deploy may be told.
#[derive(Clone, Debug)]
pub struct DeployOptions {
    /// Where the upgrade ends.
    pub target: Target,
    /// How the plan is rehearsed; none goes without.
    pub rehearsal: Option<RehearsalOptions>,
    /// The backup that is taken; none goes without.
    pub backup: Option<BackupOptions>,
    /// Run all steps of the upgrade in one transaction: all or nothing.
    pub single_transaction: bool,
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
            backup: None,
            single_transaction: false,
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

impl DeployOptions {
    /// The strategy of the backup; none where none is taken.
    #[must_use]
    pub fn strategy(&self) -> Option<Strategy> {
        self.backup.as_ref().map(|backup| backup.strategy)
    }

    /// Whether its backup leads back from anything.
    pub(super) fn is_backed_up(&self) -> bool {
        matches!(self.strategy(), Some(Strategy::Full | Strategy::Tables))
    }

    /// Whether a way back would go by the downs of the revisions.
    pub(super) fn leads_back_by_downs(&self) -> bool {
        match self.way_back {
            WayBack::Downgrade => true,
            WayBack::Restore => self.strategy() == Some(Strategy::Tables),
            WayBack::Stop => false,
        }
    }

    /// Refuses what could only turn out to lead nowhere when it is wanted.
    pub(super) fn refuse(&self) -> Result<(), DeployError> {
        if let Some(probe) = &self.probe {
            probe.refuse_without_client()?;
        }
        let refuse = |why: &str, instead| {
            Err(DeployError::NoWayBack { way: self.way_back, why: why.to_owned(), instead })
        };
        let is_stream = self.backup.as_ref().is_some_and(|backup| matches!(backup.place, Place::Stream(_)));
        let is_unreadable = self
            .backup
            .as_ref()
            .is_some_and(|backup| !backup.recipients.is_empty() && backup.identities.is_empty());
        match (self.way_back, self.strategy()) {
            (WayBack::Restore, None) => {
                refuse("no backup is taken that could be restored", "take one with --backup full or tables")
            }
            (WayBack::Restore, Some(Strategy::SchemaOnly)) => {
                refuse("a backup of the schema alone has no rows to restore", "take --backup full or tables")
            }
            (WayBack::Restore | WayBack::Downgrade, Some(_)) if is_unreadable => refuse(
                "the backup is encrypted, and there is no key to read it with",
                "name the key's file in HARDTACK_BACKUP_IDENTITY",
            ),
            (WayBack::Restore | WayBack::Downgrade, Some(_)) if is_stream => {
                refuse("a backup on standard output cannot be read again", "name a directory with --output")
            }
            _ => Ok(()),
        }
    }
}
