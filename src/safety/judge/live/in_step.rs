//! Hazards of one step that its text does not show.

use super::known::{Known, live};
use super::reader::{Goes, Target};
use super::table::Table;
use super::usage::Usage;
use crate::revisions::{Effect, EffectKind};
use crate::safety::judge::name::part;
use crate::safety::judge::reading::{Gone, Need, StepNeeds};
use crate::safety::{Bars, FoundHazard, LockMode, Verdict};
use crate::words;

/// From that many partitions on they are worth a word.
const MANY_PARTITIONS: u64 = 50;

/// All of them.
pub(super) fn in_step(known: &Known, step: &StepNeeds<'_>) -> Vec<FoundHazard> {
    let mut found = in_use(known, step);
    for need in &step.locks {
        let Some(table) = known.table(need.relation.table) else { continue };
        let of_table = [large_table(table, need), many_partitions(table)];
        let notices = of_table.into_iter().flatten().chain(invalid_indexes(known, step, table));
        let notices = notices.chain(unvalidated_constraints(known, step, table));
        found.extend(notices.map(|notice| FoundHazard { line: need.line, ..notice }));
    }
    found.extend(lock_table_full(known, step));
    found
}

fn in_use(known: &Known, step: &StepNeeds<'_>) -> Vec<FoundHazard> {
    let of_hazards =
        step.hazards.iter().map(|spot| (Target::of_hazard(spot.hazard, spot.subject), spot.line));
    let line = |statement: u32| step.script.and_then(|script| script.line_of(statement as usize));
    let of_effects = step
        .effects
        .iter()
        .map(|(effect, subject)| (Target::of_effect(effect, *subject), line(effect.statement)));
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    for (target, line) in of_hazards.chain(of_effects) {
        let Some(target) = target.filter(|target| target.goes != Goes::Emptied && !seen.contains(target))
        else {
            continue;
        };
        found.extend(use_of(known, &target, &step.gone).map(|hazard| FoundHazard { line, ..hazard }));
        seen.push(target);
    }
    found
}

fn use_of(known: &Known, target: &Target, gone: &Gone) -> Option<FoundHazard> {
    let readers = known.readers(target, gone);
    let read_by = (!readers.is_empty()).then(|| format!("is read by {}", words::list(&readers)));
    let table = target.qualified.strip_prefix("public.").unwrap_or(&target.qualified);
    if let Some(column) = &target.column {
        let message = format!("{table}.{column} {}", read_by?);
        return Some(live("column-in-use", Verdict::BreaksRunningVersion, table, message));
    }
    let usage = known.usage(target.table);
    let is_used = read_by.is_some() || usage.is_some_and(Usage::is_recent);
    let verdict = if is_used { Verdict::BreaksRunningVersion } else { Verdict::Safe };
    let parts: Vec<_> = read_by.into_iter().chain(usage.map(Usage::words)).collect();
    let message = format!("{table} {}", parts.join(", and "));
    (!parts.is_empty()).then(|| live("table-in-use", verdict, table, message))
}

fn large_table(table: &Table, need: &Need<'_>) -> Option<FoundHazard> {
    let is_told = table.is_large() && table.holds_rows() && need.mode.bars() != Bars::Nothing;
    let message = || format!("{} has {}, and the step takes {} on it", table.name(), table.size(), need.mode);
    is_told.then(|| live("large-table", Verdict::Safe, table.name(), message()))
}

fn many_partitions(table: &Table) -> Option<FoundHazard> {
    let count = table.partitions;
    let message =
        || format!("{} has {} partitions, and each is locked with it", table.name(), words::count(count));
    (count >= MANY_PARTITIONS).then(|| live("many-partitions", Verdict::Safe, table.name(), message()))
}

fn invalid_indexes(known: &Known, step: &StepNeeds<'_>, table: &Table) -> Vec<FoundHazard> {
    let builds = |name: &str| {
        let of_effect = |effect: &Effect| {
            effect.kind == EffectKind::BuildsIndex && part(&effect.object).as_deref() == Some(name)
        };
        step.effects.iter().any(|(effect, _)| of_effect(effect))
    };
    let invalid = known
        .structure
        .indexes
        .iter()
        .filter(|index| index.table == table.oid && !index.valid && !index.building);
    let told = invalid.map(|index| {
        let more = if builds(&index.name) { ", under the name of the one that the step builds" } else { "" };
        let message =
            format!("the index {} of {} is invalid: its build has failed{more}", index.name, table.name());
        live("invalid-index", Verdict::Safe, table.name(), message)
    });
    told.collect()
}

fn unvalidated_constraints(known: &Known, step: &StepNeeds<'_>, table: &Table) -> Vec<FoundHazard> {
    let text = step.script.map_or(String::new(), |script| script.text.to_ascii_lowercase());
    // A step that is about it need not be told.
    let is_named = |name: &str| text.contains("validate") && text.contains(&name.to_ascii_lowercase());
    let constraints = known.structure.constraints.iter().filter(|constraint| constraint.table == table.oid);
    let open = constraints.filter(|constraint| !constraint.validated && !is_named(&constraint.name));
    let told = open.map(|constraint| {
        let message = format!("the constraint {} of {} is not validated", constraint.name, table.name());
        live("unvalidated-constraint", Verdict::Safe, table.name(), message)
    });
    told.collect()
}

/// One transaction may take all the slots there are; whoever comes next, the application included, then fails.
fn lock_table_full(known: &Known, step: &StepNeeds<'_>) -> Option<FoundHazard> {
    let strong = step.locks.iter().filter(|need| need.mode >= LockMode::ShareUpdateExclusive);
    let wanted: u64 =
        strong.filter_map(|need| known.table(need.relation.table)).map(|table| table.pieces).sum();
    let slots = known.server.lock_slots?;
    let message = || {
        format!(
            "the step locks some {} relations at once, and the server has room for {} locks",
            words::count(wanted),
            words::count(slots)
        )
    };
    let verdict = if wanted >= slots { Verdict::BlocksEverything } else { Verdict::Safe };
    (wanted >= slots / 2).then(|| live("lock-table-full", verdict, "", message()))
}

#[cfg(test)]
mod tests {
    use super::super::server::Server;
    use super::*;
    use crate::safety::judge::relation::Relation;

    fn found(table: Table, slots: u64, mode: LockMode) -> Vec<FoundHazard> {
        let relation = Relation { oid: 1, table: 1, ..Relation::default() };
        let locks = vec![Need { relation: &relation, mode, line: Some(3) }];
        let server = Server { lock_slots: Some(slots), ..Server::default() };
        let known = Known { tables: vec![table], server, ..Known::default() };
        in_step(&known, &StepNeeds { locks, ..StepNeeds::default() })
    }

    fn orders() -> Table {
        let (qualified, kind) = ("public.orders".to_owned(), "p".to_owned());
        Table {
            oid: 1,
            qualified,
            kind,
            rows: Some(52_000_000),
            bytes: 9 << 30,
            pieces: 1,
            ..Table::default()
        }
    }

    #[test]
    fn a_large_table_is_told_where_somebody_is_barred() {
        let hazard = found(orders(), 6_400, LockMode::AccessExclusive).remove(0);
        assert_eq!(
            (hazard.hazard.as_ref(), hazard.line, hazard.verdict),
            ("large-table", Some(3), Verdict::Safe)
        );
        assert_eq!(
            hazard.message,
            "orders has 52 million rows, 9 GB with indexes, and the step takes ACCESS EXCLUSIVE on it"
        );
        assert!(found(orders(), 6_400, LockMode::RowExclusive).is_empty());
    }

    #[test]
    fn many_partitions_fill_the_lock_table() {
        let table =
            |partitions| Table { partitions, pieces: partitions * 3, rows: Some(0), bytes: 0, ..orders() };
        let names = |partitions| {
            let found = found(table(partitions), 6_400, LockMode::AccessExclusive);
            found.into_iter().map(|hazard| (hazard.hazard, hazard.verdict)).collect::<Vec<_>>()
        };
        assert_eq!(names(49), []);
        assert_eq!(names(1_000), [("many-partitions".into(), Verdict::Safe)]);
        assert_eq!(names(1_100)[1], ("lock-table-full".into(), Verdict::Safe));
        assert_eq!(names(2_200)[1], ("lock-table-full".into(), Verdict::BlocksEverything));
    }
}
