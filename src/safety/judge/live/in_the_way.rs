//! Who holds now what a plan is going to want.

use super::conflict::conflicts;
use super::known::{Known, live};
use super::session::{Held, Session};
use crate::safety::judge::reading::StepNeeds;
use crate::safety::{Bars, FoundHazard, LockMode, Verdict};
use crate::words;

/// A transaction is long from that age on, in seconds.
const LONG: u64 = 60;

/// One that holds what the plan wants is from that age on, in seconds: a run waits no longer for a lock, by default.
pub(super) const LONG_IN_THE_WAY: u64 = 5;

/// All of them: transactions, prepared ones, and vacuums that do not give way.
pub(super) fn in_the_way(known: &Known, steps: &[StepNeeds<'_>]) -> Vec<FoundHazard> {
    let plan = Wishes { known, steps };
    let mut found: Vec<_> = known.sessions.iter().filter_map(|session| plan.transaction(session)).collect();
    found.extend(plan.hidden());
    found.extend(plan.prepared());
    found.extend(plan.vacuums());
    found
}

/// The locks that a plan is going to want.
struct Wishes<'a> {
    known: &'a Known,
    steps: &'a [StepNeeds<'a>],
}

/// A lock that is held, and the strongest that is wanted against it.
struct Clash {
    held: Held,
    wanted: LockMode,
}

impl Wishes<'_> {
    fn clash(&self, locks: &[Held]) -> Option<Clash> {
        let wanted = |held: &Held| {
            let modes = self.steps.iter().filter_map(|step| step.mode_on(held.table));
            modes.filter(|mode| conflicts(*mode, held.mode)).max()
        };
        let clashes = locks.iter().filter_map(|held| Some(Clash { held: *held, wanted: wanted(held)? }));
        clashes.max_by_key(|clash| (clash.wanted, clash.held.mode))
    }

    fn name(&self, table: u32) -> &str {
        self.known.table(table).map_or("", |table| table.name())
    }

    fn waits_for_snapshots(&self) -> bool {
        self.steps.iter().any(|step| step.waits_for_snapshots)
    }

    fn transaction(&self, session: &Session) -> Option<FoundHazard> {
        let age = session.age.filter(|age| *age >= LONG_IN_THE_WAY && !session.gives_way())?;
        let who = format!("{} has been in a transaction for {}", who(session), words::seconds(age));
        let clash = self.clash(&session.locks);
        let (verdict, object, message) = match &clash {
            Some(clash) => (
                barred(clash.wanted),
                self.name(clash.held.table),
                format!("{who} and {}", self.words(clash)),
            ),
            None if age >= LONG && session.has_snapshot && self.waits_for_snapshots() => {
                let message = format!("{who}, and a step that works concurrently waits for its end");
                (Verdict::BriefLock, "", message)
            }
            None => return None,
        };
        Some(live("long-transaction", verdict, object, message))
    }

    /// Sessions of which the role may not see how old they are.
    fn hidden(&self) -> Option<FoundHazard> {
        let sessions = self.known.sessions.iter().filter(|session| session.age.is_none());
        let clashes: Vec<_> = sessions.filter_map(|session| self.clash(&session.locks)).collect();
        let object = self.name(clashes.first()?.held.table);
        let count = u64::try_from(clashes.len()).unwrap_or(u64::MAX);
        let holders = words::counted(count, "session of another role holds", "sessions of other roles hold");
        let message = format!(
            "{holders} locks that the plan wants, and this role may not see since when, for want of pg_read_all_stats"
        );
        Some(live("long-transaction", Verdict::Safe, object, message))
    }

    fn prepared(&self) -> impl Iterator<Item = FoundHazard> {
        self.known.prepared.iter().filter_map(|prepared| {
            let age = words::seconds(prepared.age);
            let who =
                format!("the transaction {} of {} was prepared {age} ago", prepared.name, prepared.owner);
            let (verdict, object, message) = match self.clash(&prepared.locks) {
                Some(clash) => (
                    barred(clash.wanted),
                    self.name(clash.held.table),
                    format!("{who} and {}", self.words(&clash)),
                ),
                None if self.waits_for_snapshots() => (
                    Verdict::BriefLock,
                    "",
                    format!("{who}, and a step that works concurrently waits for its end"),
                ),
                None if prepared.age >= LONG => {
                    (Verdict::Safe, "", format!("{who}, and nobody has ended it"))
                }
                None => return None,
            };
            Some(live("prepared-transaction", verdict, object, message))
        })
    }

    /// Those that run, and those that are due.
    fn vacuums(&self) -> Vec<FoundHazard> {
        let mut found = Vec::new();
        for session in self.known.sessions.iter().filter(|session| session.prevents_wraparound()) {
            let Some(clash) = self.clash(&session.locks) else { continue };
            let object = self.name(clash.held.table);
            let message =
                format!("{} vacuums {object} to prevent wraparound and {}", who(session), self.words(&clash));
            found.push(live("wraparound-autovacuum", barred(clash.wanted), object, message));
        }
        let Some(longest) = self.known.server.freeze_max_age else { return found };
        for table in self.known.tables.iter().filter(|table| self.is_wanted(table.oid)) {
            let Some(age) = table.freeze_age.filter(|age| *age >= longest / 10 * 9) else { continue };
            let message = format!(
                "{} is {} transactions old, and a vacuum to prevent wraparound begins at {}",
                table.name(),
                words::count(age),
                words::count(longest)
            );
            found.push(live("wraparound-autovacuum", Verdict::Safe, table.name(), message));
        }
        found
    }

    fn is_wanted(&self, table: u32) -> bool {
        self.steps
            .iter()
            .filter_map(|step| step.mode_on(table))
            .any(|mode| mode >= LockMode::ShareUpdateExclusive)
    }

    fn words(&self, clash: &Clash) -> String {
        let table = self.name(clash.held.table);
        let queue = match clash.wanted.bars() {
            Bars::Everything => {
                format!(", and everybody who wants {table} waits behind the plan until lock_timeout")
            }
            Bars::Writes => {
                format!(", and whoever writes to {table} waits behind the plan until lock_timeout")
            }
            Bars::Nothing => String::new(),
        };
        format!("holds {} on {table}: {} has to wait for it{queue}", clash.held.mode, clash.wanted)
    }
}

/// Who waits for a lock makes others wait behind it.
fn barred(wanted: LockMode) -> Verdict {
    match wanted.bars() {
        Bars::Everything => Verdict::BlocksEverything,
        Bars::Writes => Verdict::BlocksWrites,
        Bars::Nothing => Verdict::BriefLock,
    }
}

fn who(session: &Session) -> String {
    let Session { pid, application_name, state, .. } = session;
    let name = if application_name.is_empty() { "no application name" } else { application_name };
    let state = if state.is_empty() { "in an unknown state" } else { state };
    format!("server process {pid} ({name}, {state})")
}

#[cfg(test)]
mod tests {
    use super::super::server::Server;
    use super::super::session::Prepared;
    use super::super::table::Table;
    use super::*;
    use crate::safety::judge::reading::Need;
    use crate::safety::judge::relation::Relation;

    fn known(session: Session) -> Known {
        let table = Table { oid: 1, qualified: "public.orders".into(), ..Table::default() };
        Known { tables: vec![table], sessions: vec![session], ..Known::default() }
    }

    fn session(mode: LockMode, age: Option<u64>) -> Session {
        Session {
            pid: 4711,
            application_name: "reports".into(),
            state: "idle in transaction".into(),
            kind: "client backend".into(),
            age,
            has_snapshot: true,
            query: "select".into(),
            locks: vec![Held { table: 1, mode }],
        }
    }

    fn found(known: &Known, mode: LockMode) -> Vec<FoundHazard> {
        let relation = Relation { oid: 1, table: 1, ..Relation::default() };
        let locks = vec![Need { relation: &relation, mode, line: None }];
        in_the_way(known, &[StepNeeds { locks, ..StepNeeds::default() }])
    }

    #[test]
    fn a_long_transaction_makes_everybody_wait_behind_the_plan() {
        let known = known(session(LockMode::AccessShare, Some(720)));
        let found_one = found(&known, LockMode::AccessExclusive).remove(0);
        assert_eq!(
            (found_one.hazard.as_ref(), found_one.verdict),
            ("long-transaction", Verdict::BlocksEverything)
        );
        assert_eq!(
            found_one.message,
            "server process 4711 (reports, idle in transaction) has been in a transaction for 12 min and holds ACCESS \
             SHARE on orders: ACCESS EXCLUSIVE has to wait for it, and everybody who wants orders waits behind the \
             plan until lock_timeout"
        );
        assert!(found(&known, LockMode::ShareRowExclusive).is_empty(), "reading is not in its way");
    }

    #[test]
    fn a_short_transaction_and_a_vacuum_that_gives_way_are_no_hazard() {
        assert!(found(&known(session(LockMode::AccessShare, Some(4))), LockMode::AccessExclusive).is_empty());
        let vacuum = Session {
            kind: "autovacuum worker".into(),
            ..session(LockMode::ShareUpdateExclusive, Some(600))
        };
        assert!(found(&known(vacuum), LockMode::AccessExclusive).is_empty());
    }

    #[test]
    fn an_old_snapshot_holds_up_what_works_concurrently() {
        let known = known(Session { locks: Vec::new(), ..session(LockMode::AccessShare, Some(90)) });
        let step = StepNeeds { waits_for_snapshots: true, ..StepNeeds::default() };
        let found_one = in_the_way(&known, &[step]).remove(0);
        assert_eq!((found_one.hazard.as_ref(), found_one.verdict), ("long-transaction", Verdict::BriefLock));
        assert!(in_the_way(&known, &[StepNeeds::default()]).is_empty());
    }

    #[test]
    fn whose_age_is_hidden_is_told_as_such() {
        let known = known(session(LockMode::RowExclusive, None));
        let found_one = found(&known, LockMode::Share).remove(0);
        assert_eq!(found_one.verdict, Verdict::Safe);
        assert!(
            found_one.message.starts_with("1 session of another role holds locks"),
            "{}",
            found_one.message
        );
    }

    #[test]
    fn a_vacuum_to_prevent_wraparound_gives_way_to_nobody() {
        let query = "autovacuum: VACUUM public.orders (to prevent wraparound)".to_owned();
        let vacuum = session(LockMode::ShareUpdateExclusive, Some(5));
        let mut known = known(Session { kind: "autovacuum worker".into(), query, ..vacuum });
        let found_one = found(&known, LockMode::AccessExclusive).remove(0);
        assert_eq!(
            (found_one.hazard.as_ref(), found_one.verdict),
            ("wraparound-autovacuum", Verdict::BlocksEverything)
        );
        known.sessions.clear();
        known.server = Server { freeze_max_age: Some(200_000_000), ..Server::default() };
        known.tables[0].freeze_age = Some(180_000_000);
        let found_one = found(&known, LockMode::AccessExclusive).remove(0);
        assert_eq!(
            found_one.message,
            "orders is 180 million transactions old, and a vacuum to prevent wraparound begins at 200 million"
        );
        known.tables[0].freeze_age = Some(179_999_999);
        assert!(found(&known, LockMode::AccessExclusive).is_empty());
    }

    #[test]
    fn a_prepared_transaction_is_told_with_what_it_holds_and_an_old_one_in_any_case() {
        let mut known = Known { sessions: Vec::new(), ..known(session(LockMode::AccessShare, None)) };
        let (name, owner) = ("half".to_owned(), "app".to_owned());
        known.prepared = vec![Prepared { name, owner, age: 7_200, locks: Vec::new() }];
        let found_one = found(&known, LockMode::Share).remove(0);
        assert_eq!(
            found_one.message,
            "the transaction half of app was prepared 2 h ago, and nobody has ended it"
        );
        known.prepared[0].locks = vec![Held { table: 1, mode: LockMode::RowExclusive }];
        assert_eq!(found(&known, LockMode::Share).remove(0).verdict, Verdict::BlocksWrites);
    }
}
