//! What a plan as a whole does to a server with its disks and followers.

use super::known::{Known, live};
use super::reading::{StepNeeds, Subject};
use super::server::Slot;
use super::table::Table;
use super::words;
use crate::revisions::EffectKind;
use crate::safety::{FoundHazard, LockMode, Verdict};

/// Rules of statements that write a table anew, with its indexes.
const REWRITES: [&str; 6] = [
    "adding-field-with-default",
    "adding-serial-primary-key-field",
    "ban-alter-generated-expression",
    "ban-alter-identity",
    "changing-column-type",
    "prefer-repack",
];

/// Rules of statements that build an index.
const BUILDS: [&str; 3] =
    ["disallowed-unique-constraint", "require-concurrent-index-creation", "require-concurrent-reindex"];

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
    let of_hazard = |spot: &super::reading::Spot<'_>| {
        let (table, rule) = (table_of(known, spot.subject)?, spot.hazard.rule.as_ref());
        let builds = BUILDS.contains(&rule).then_some(table.bytes);
        REWRITES.contains(&rule).then(|| table.total()).or(builds)
    };
    let hazards: u64 = step.hazards.iter().filter_map(of_hazard).sum();
    let builds = step.effects.iter().filter(|(effect, _)| effect.kind == EffectKind::BuildsIndex);
    let effects: u64 =
        builds.filter_map(|(_, subject)| table_of(known, *subject)).map(|table| table.bytes).sum();
    hazards.saturating_add(effects)
}

fn writes_much(step: &StepNeeds<'_>) -> bool {
    let writes = [EffectKind::BuildsIndex, EffectKind::ChangesRows, EffectKind::DeletesRows];
    let is_rewrite = |rule: &str| REWRITES.contains(&rule) || BUILDS.contains(&rule);
    step.hazards.iter().any(|spot| is_rewrite(&spot.hazard.rule) && spot.subject != Subject::New)
        || step
            .effects
            .iter()
            .any(|(effect, subject)| writes.contains(&effect.kind) && *subject != Subject::New)
}

fn disk_space(known: &Known, steps: &[StepNeeds<'_>]) -> Option<FoundHazard> {
    const RECIPE: &str =
        "make room first, or change the table in batches: a new column, a backfill, and a switch of names";
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
    Some(live("disk-space", verdict, "", message, RECIPE))
}

fn replication_slot(slot: &Slot, bound: &str) -> Option<FoundHazard> {
    const RECIPE: &str =
        "bring its reader back, or drop the slot: what the plan writes is kept until it was read";
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
    Some(live("replication-slot", Verdict::Safe, name, message, RECIPE))
}

fn standbys(known: &Known, steps: &[StepNeeds<'_>]) -> Option<FoundHazard> {
    const RECIPE: &str =
        "keep long queries off the standbys meanwhile, or bear that max_standby_streaming_delay ends them";
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
    Some(live("standby-conflict", Verdict::Safe, "", message, RECIPE))
}

const BOTH_SIDES: &str = "make the change on both sides: what only adds at the subscriber first, what takes away at the publisher first";

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
            found.push(live("logical-replication", Verdict::Safe, table.name(), message, BOTH_SIDES));
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
    (touches && !names.is_empty())
        .then(|| live("logical-replication", Verdict::Safe, "", message(), BOTH_SIDES))
}

fn event_triggers(known: &Known) -> Option<FoundHazard> {
    const RECIPE: &str = "see that they allow what the plan does, and are quick";
    let names = &known.server.event_triggers;
    let message = || format!("each change of the schema fires {}", words::list(names));
    (!names.is_empty()).then(|| live("event-trigger", Verdict::Safe, "", message(), RECIPE))
}
