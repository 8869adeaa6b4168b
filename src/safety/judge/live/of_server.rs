//! What a plan as a whole does to a server with its disks and followers.

use super::known::{Known, live};
use super::server::Slot;
use super::table::Table;
use crate::revisions::EffectKind;
use crate::safety::judge::reading::{Spot, StepNeeds, Subject};
use crate::safety::{FoundHazard, LockMode, Verdict};
use crate::words;

/// Rules of statements that write a table anew, with its indexes.
const REWRITES: [&str; 12] = [
    "adding-field-with-default",
    "adding-serial-column",
    "ban-alter-generated-expression",
    "changing-access-method",
    "changing-column-type",
    "changing-persistence",
    "changing-tablespace",
    "clustering-table",
    "prefer-repack",
    "refreshing-materialized-view",
    "update-without-where",
    "vacuuming-full",
];

/// Rules of statements that build an index.
const BUILDS: [&str; 5] = [
    "adding-exclusion-constraint",
    "adding-serial-primary-key-field",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "require-concurrent-reindex",
];

/// Bytes that are needed or kept back and that are worth a word.
const MUCH: u64 = 1 << 30;

/// All of them.
pub(super) fn of_server(known: &Known, steps: &[StepNeeds<'_>]) -> Vec<FoundHazard> {
    let found = [
        disk_space(known, steps),
        standbys(known, steps),
        subscriptions(known, steps),
        event_triggers(known),
    ];
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    if steps.iter().any(writes_much) {
        found.extend(
            known.server.slots.iter().filter_map(|slot| replication_slot(slot, &known.server.slot_bound)),
        );
    }
    found.extend(publications(known, steps));
    found
}

/// The table that a hazard or an effect is about.
fn table_of<'k>(known: &'k Known, subject: Subject<'_>) -> Option<&'k Table> {
    match subject {
        Subject::There(relation) => known.table(relation.table).filter(|table| table.holds_rows()),
        _ => None,
    }
}

/// Bytes that a step needs besides what is there, at the most: copies of tables, and indexes.
fn needed(known: &Known, step: &StepNeeds<'_>) -> u64 {
    let of_hazard = |spot: &Spot<'_>| {
        let (table, rule) = (table_of(known, spot.subject)?, spot.hazard.rule.as_ref());
        let builds = BUILDS.contains(&rule).then_some(table.bytes);
        REWRITES.contains(&rule).then(|| table.total()).or(builds)
    };
    let writing = step.hazards.iter().filter(|spot| !spot.builds_nothing());
    let hazards: u64 = writing.filter_map(of_hazard).sum();
    let builds = step.effects.iter().filter(|(effect, _)| effect.kind == EffectKind::BuildsIndex);
    let effects: u64 =
        builds.filter_map(|(_, subject)| table_of(known, *subject)).map(|table| table.bytes).sum();
    hazards.saturating_add(effects)
}

fn writes_much(step: &StepNeeds<'_>) -> bool {
    let writes = [EffectKind::BuildsIndex, EffectKind::ChangesRows, EffectKind::DeletesRows];
    let is_rewrite = |rule: &str| REWRITES.contains(&rule) || BUILDS.contains(&rule);
    let is_much = |spot: &Spot<'_>| {
        is_rewrite(&spot.hazard.rule) && spot.subject != Subject::New && !spot.builds_nothing()
    };
    step.hazards.iter().any(is_much)
        || step
            .effects
            .iter()
            .any(|(effect, subject)| writes.contains(&effect.kind) && *subject != Subject::New)
}

fn disk_space(known: &Known, steps: &[StepNeeds<'_>]) -> Option<FoundHazard> {
    let needed = steps.iter().map(|step| needed(known, step)).max().filter(|needed| *needed > 0)?;
    let need = format!("a step needs up to {} for what it writes anew", words::bytes(needed));
    let (verdict, message) = match known.free {
        Some(free) if free < needed => (
            Verdict::BlocksEverything,
            format!("{need}, and {} are free: a full disk stops the server", words::bytes(free)),
        ),
        Some(free) if needed > MUCH => {
            (Verdict::Safe, format!("{need}, and {} are free", words::bytes(free)))
        }
        None if needed > MUCH => {
            (Verdict::Safe, format!("{need}, and what is free cannot be seen from here"))
        }
        _ => return None,
    };
    let message = format!("{message}; the write-ahead log takes about as much again");
    Some(live("disk-space", verdict, "", message))
}

fn replication_slot(slot: &Slot, bound: &str) -> Option<FoundHazard> {
    let Slot { name, active, status, kept } = slot;
    let is_behind = ["unreserved", "lost"].contains(&status.as_str());
    if *active && *kept <= MUCH && !is_behind {
        return None;
    }
    let state = if *active { "active" } else { "inactive" };
    let bound = if bound == "-1" { "without bound".to_owned() } else { format!("up to {bound}") };
    let status = if is_behind { format!(", and is {status}") } else { String::new() };
    let message = format!(
        "the replication slot {name} is {state}{status}, keeps {} of the log, and may keep it {bound}",
        words::bytes(*kept)
    );
    Some(live("replication-slot", Verdict::Safe, name, message))
}

fn standbys(known: &Known, steps: &[StepNeeds<'_>]) -> Option<FoundHazard> {
    let is_strong =
        |step: &StepNeeds<'_>| step.locks.iter().any(|need| need.mode == LockMode::AccessExclusive);
    let names = &known.server.standbys;
    if names.is_empty() || !steps.iter().any(is_strong) {
        return None;
    }
    let count =
        words::counted(names.len().try_into().unwrap_or(u64::MAX), "standby streams", "standbys stream");
    let message = format!(
        "{count} ({}): ACCESS EXCLUSIVE is replayed there, and waits for queries or cancels them",
        words::list(names)
    );
    Some(live("standby-conflict", Verdict::Safe, "", message))
}

/// A table that is only written to stays as it is.
fn publications(known: &Known, steps: &[StepNeeds<'_>]) -> Vec<FoundHazard> {
    let is_changed = |table: u32| {
        let modes = steps.iter().filter_map(|step| step.mode_on(table));
        modes.max().is_some_and(|mode| mode >= LockMode::ShareRowExclusive)
    };
    let mut found: Vec<FoundHazard> = Vec::new();
    for table in known.tables.iter().filter(|table| is_changed(table.oid)) {
        let published = known.server.published.iter().filter(|(oid, _)| *oid == table.oid);
        let names: Vec<_> = published.map(|(_, name)| name.clone()).collect();
        if !names.is_empty() {
            let message = format!(
                "{} is published by {}, and changes of a schema are not",
                table.name(),
                words::list(&names)
            );
            found.push(live("logical-replication", Verdict::Safe, table.name(), message));
        }
    }
    found
}

fn subscriptions(known: &Known, steps: &[StepNeeds<'_>]) -> Option<FoundHazard> {
    let names = &known.server.subscriptions;
    let touches = steps.iter().any(|step| !step.locks.is_empty());
    let message = || {
        format!(
            "this database subscribes by {}, and changes of a schema do not come that way",
            words::list(names)
        )
    };
    (touches && !names.is_empty()).then(|| live("logical-replication", Verdict::Safe, "", message()))
}

fn event_triggers(known: &Known) -> Option<FoundHazard> {
    let names = &known.server.event_triggers;
    let message = || format!("each change of the schema fires {}", words::list(names));
    (!names.is_empty()).then(|| live("event-trigger", Verdict::Safe, "", message()))
}

#[cfg(test)]
mod tests {
    use super::super::server::Server;
    use super::*;
    use crate::revisions::StaticHazard;
    use crate::safety::judge::reading::Need;
    use crate::safety::judge::relation::Relation;

    fn relation() -> Relation {
        Relation { oid: 1, table: 1, ..Relation::default() }
    }

    fn known(free: Option<u64>) -> Known {
        let (bytes, index_bytes) = (8 << 30, 1 << 30);
        let (qualified, kind) = ("public.orders".to_owned(), "r".to_owned());
        let table = Table { oid: 1, qualified, kind, bytes, index_bytes, ..Table::default() };
        Known { tables: vec![table], free, ..Known::default() }
    }

    fn hazard(rule: &str) -> StaticHazard {
        let (rule, object) = (rule.to_owned().into(), "orders".into());
        StaticHazard { statement: 0, rule, object, part: "".into(), allowed: None }
    }

    fn found(known: &Known, rule: &str) -> Vec<FoundHazard> {
        found_in("", &relation(), known, rule)
    }

    fn found_in(text: &str, relation: &Relation, known: &Known, rule: &str) -> Vec<FoundHazard> {
        let hazard = hazard(rule);
        let subject = Subject::There(relation);
        let spot = Spot { hazard: &hazard, subject, is_relation: true, text, line: None, checks: Vec::new() };
        let need = Need { relation, mode: LockMode::AccessExclusive, line: None };
        of_server(known, &[StepNeeds { hazards: vec![spot], locks: vec![need], ..StepNeeds::default() }])
    }

    #[test]
    fn a_rewrite_needs_room_for_a_copy() {
        let too_little = found(&known(Some(3 << 30)), "changing-column-type").remove(0);
        assert_eq!(too_little.verdict, Verdict::BlocksEverything);
        assert_eq!(
            too_little.message,
            "a step needs up to 9 GB for what it writes anew, and 3 GB are free: a full disk stops the server; the \
             write-ahead log takes about as much again"
        );
        let enough = found(&known(Some(90 << 30)), "changing-column-type").remove(0);
        assert_eq!(enough.verdict, Verdict::Safe);
        let unseen = found(&known(None), "require-concurrent-index-creation").remove(0);
        assert!(
            unseen.message.contains("up to 8 GB for what it writes anew, and what is free cannot be seen")
        );
        assert!(found(&known(None), "ban-drop-column").is_empty());
        let small = Known { tables: Vec::new(), ..known(None) };
        assert!(found(&small, "changing-column-type").is_empty());
    }

    #[test]
    fn an_index_on_only_the_parent_of_partitions_needs_no_room() {
        let rule = "require-concurrent-index-creation";
        let parent = Relation { kind: "p".into(), ..relation() };
        let on_only = "create index i on only orders (a)";
        assert!(found_in(on_only, &parent, &known(Some(1)), rule).is_empty());
        assert!(!found_in(on_only, &relation(), &known(Some(1)), rule).is_empty());
    }

    #[test]
    fn slots_that_keep_the_log_are_told_where_much_is_written() {
        let slot =
            |active, kept, status: &str| Slot { name: "s".into(), active, status: status.into(), kept };
        let slots = vec![
            slot(true, 1 << 20, "reserved"),
            slot(true, 2 << 30, "extended"),
            slot(false, 0, ""),
            slot(true, 0, "unreserved"),
        ];
        let server = Server { slots, slot_bound: "10GB".into(), ..Server::default() };
        let known = Known { server, ..known(Some(1 << 50)) };
        let of_slots = |rule| {
            let found = found(&known, rule).into_iter();
            let found = found.filter(|found| found.hazard == "replication-slot");
            found.map(|found| found.message).collect::<Vec<_>>()
        };
        assert_eq!(
            of_slots("changing-column-type"),
            [
                "the replication slot s is active, keeps 2 GB of the log, and may keep it up to 10GB",
                "the replication slot s is inactive, keeps 0 bytes of the log, and may keep it up to 10GB",
                "the replication slot s is active, and is unreserved, keeps 0 bytes of the log, and may keep it up to 10GB",
            ]
        );
        assert!(of_slots("ban-drop-column").is_empty());
    }

    #[test]
    fn followers_are_told() {
        let server = Server {
            standbys: vec!["walreceiver".into()],
            published: vec![(1, "everything".into()), (2, "other".into())],
            subscriptions: vec!["from_shop".into()],
            event_triggers: vec!["audit".into()],
            ..Server::default()
        };
        let found = found(&Known { server, ..known(None) }, "ban-drop-column");
        let names: Vec<_> = found.iter().map(|found| found.hazard.as_ref()).collect();
        assert_eq!(
            names,
            ["standby-conflict", "logical-replication", "event-trigger", "logical-replication"]
        );
        assert_eq!(found[3].message, "orders is published by everything, and changes of a schema are not");
    }
}
