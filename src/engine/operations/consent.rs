use crate::config::HistoryTable;
use crate::history::EvidenceKind;
use crate::plan::Plan;
use crate::safety::Verdict;

/// What an operator says together with a run. It stands in the run log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The verdicts that are accepted.
    pub accepted: Vec<Verdict>,
    /// Why.
    pub reason: Option<String>,
    /// The backup that was taken just before, by whatever name its system has for it.
    pub backup: Option<String>,
    /// On whose behalf it is, where that is not whoever connects.
    pub by: Option<String>,
}

impl Consent {
    /// What the run log says of it; none where nothing was said.
    pub(in crate::engine) fn note(&self) -> Option<String> {
        let accepted: Vec<&str> = self.accepted.iter().map(|verdict| verdict.name()).collect();
        let accepted = (!accepted.is_empty()).then(|| {
            let reason = self.reason.as_deref().unwrap_or_default();
            format!("accepted {}: {reason}", accepted.join(", "))
        });
        let backup = self.backup.as_ref().map(|backup| format!("backup taken: {backup}"));
        let by = self.by.as_ref().map(|by| format!("by {by}"));
        let said: Vec<String> = by.into_iter().chain(accepted).chain(backup).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// The statement that records the backup for a plan; none where none was taken.
    pub(in crate::engine) fn evidence(&self, table: &HistoryTable, plan: &Plan<'_>) -> Option<String> {
        let backup = self.backup.as_ref()?;
        Some(EvidenceKind::Backup.record(table, &plan.hash(), backup))
    }
}
