use std::fmt;

use serde::Serialize;

use super::Role;

/// What can be asked of the admin API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Status, history, texts of revisions, plans, drift, the run log, backups, backfills, jobs.
    View,
    /// What was done, by whom.
    ViewAudit,
    /// A session for the page.
    LogIn,
    /// The end of one.
    LogOut,
    /// A rehearsal, which takes locks while it runs.
    DryRun,
    /// The schema is compared with what the revisions make of it, perhaps on a scratch database.
    Drift,
    /// Pending revisions are applied.
    Upgrade,
    /// Applied revisions are undone.
    Downgrade,
    /// A backup is taken.
    Backup,
    /// A backup is read, or restored into a scratch database.
    VerifyBackup,
    /// Work that is under way ends at its next safe point.
    StopJob,
    /// A backfill waits, goes on, or is tried again.
    SteerBackfill,
    /// A backfill ends where it is.
    CancelBackfill,
    /// Which tokens there are, without their texts.
    ViewTokens,
    /// Tokens are made and revoked.
    ManageTokens,
}

/// Everything about an action that matters before it is done.
struct Terms {
    name: &'static str,
    least: Role,
    effect: Effect,
    wants: Wants,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It is only looked at.
    Reads,
    /// Something is another afterwards, or stands in somebody's way meanwhile.
    Changes,
}

/// What must be typed or sent along, so that it is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    /// The database's name.
    Database,
    /// The database's name, and the hash of the plan that was looked at.
    Plan,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::View,
        Self::ViewAudit,
        Self::LogIn,
        Self::LogOut,
        Self::DryRun,
        Self::Drift,
        Self::Upgrade,
        Self::Downgrade,
        Self::Backup,
        Self::VerifyBackup,
        Self::StopJob,
        Self::SteerBackfill,
        Self::CancelBackfill,
        Self::ViewTokens,
        Self::ManageTokens,
    ];

    /// The one table of rights.
    const fn terms(self) -> Terms {
        use Effect::{Changes, Reads};
        use Role::{Admin, Operator, Viewer};
        let (name, least, effect, wants) = match self {
            Self::View => ("view", Viewer, Reads, Wants::Nothing),
            Self::ViewAudit => ("view_audit", Admin, Reads, Wants::Nothing),
            Self::LogIn => ("log_in", Viewer, Changes, Wants::Nothing),
            Self::LogOut => ("log_out", Viewer, Changes, Wants::Nothing),
            Self::DryRun => ("dry_run", Operator, Changes, Wants::Nothing),
            Self::Drift => ("drift", Operator, Changes, Wants::Nothing),
            Self::Upgrade => ("upgrade", Operator, Changes, Wants::Plan),
            Self::Downgrade => ("downgrade", Admin, Changes, Wants::Plan),
            Self::Backup => ("backup", Operator, Changes, Wants::Nothing),
            Self::VerifyBackup => ("verify_backup", Operator, Changes, Wants::Nothing),
            Self::StopJob => ("stop_job", Operator, Changes, Wants::Nothing),
            Self::SteerBackfill => ("steer_backfill", Operator, Changes, Wants::Nothing),
            Self::CancelBackfill => ("cancel_backfill", Operator, Changes, Wants::Database),
            Self::ViewTokens => ("view_tokens", Admin, Reads, Wants::Nothing),
            Self::ManageTokens => ("manage_tokens", Admin, Changes, Wants::Nothing),
        };
        Terms { name, least, effect, wants }
    }

    /// As the audit has it: `dry_run`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.terms().name
    }

    /// The least role that may do it.
    #[must_use]
    pub const fn least(self) -> Role {
        self.terms().least
    }

    /// Whether it is more than a look: then it is only done once the audit has it, and only where a browser was not led to it
    /// by another site.
    #[must_use]
    pub fn changes(self) -> bool {
        self.terms().effect == Effect::Changes
    }

    /// Whether the audit has it where it is allowed. Looks are not in it: a page asks every few seconds.
    #[must_use]
    pub fn is_audited(self) -> bool {
        self != Self::View
    }

    /// Whether it wants a [`Confirmation`](super::Confirmation).
    #[must_use]
    pub fn is_dangerous(self) -> bool {
        self.terms().wants != Wants::Nothing
    }

    /// Whether that has to name the plan.
    #[must_use]
    pub fn wants_plan(self) -> bool {
        self.terms().wants == Wants::Plan
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_changes_nothing_but_its_own_session() {
        for action in Action::ALL.into_iter().filter(|action| action.least() == Role::Viewer) {
            let of_session = [Action::LogIn, Action::LogOut].contains(&action);
            assert!(!action.changes() || of_session, "{action}");
        }
    }

    #[test]
    fn what_goes_back_or_gives_rights_is_an_admins() {
        for action in [Action::Downgrade, Action::ManageTokens, Action::ViewAudit] {
            assert_eq!(action.least(), Role::Admin, "{action}");
        }
    }

    #[test]
    fn what_is_dangerous_changes_and_is_audited() {
        for action in Action::ALL {
            assert!(!action.is_dangerous() || action.changes(), "{action}");
            assert!(!action.changes() || action.is_audited(), "{action}");
            assert!(!action.wants_plan() || action.is_dangerous(), "{action}");
        }
    }

    #[test]
    fn each_has_a_name_of_its_own_which_is_its_json() {
        let mut names: Vec<&str> = Action::ALL.into_iter().map(Action::name).collect();
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
