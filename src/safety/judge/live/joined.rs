//! What a hazard of the text comes to on this database.

use super::data_type::wanted_type;
use super::known::Known;
use super::reader::{Goes, Target};
use super::structure::Index;
use super::usage::Usage;
use crate::safety::judge::name::part;
use crate::safety::judge::reading::{Gone, Spot, Subject};
use crate::safety::judge::relation::Relation;
use crate::safety::judge::statement;
use crate::safety::{FoundHazard, Verdict, hazard as table_row};

/// What the database makes of a hazard; none where nobody uses the object yet, because the plan itself creates it.
pub(super) fn joined(known: &Known, spot: &Spot<'_>, gone: &Gone) -> Option<FoundHazard> {
    let row = table_row(&spot.hazard.rule);
    let verdict = row.map_or(Verdict::BlocksEverything, |row| row.verdict);
    let mut draft = Draft { known, spot, gone, verdict, evidence: Vec::new(), settled: false };
    match spot.subject {
        Subject::New => return None,
        Subject::There(relation) => draft.judge(relation),
        Subject::Missing if spot.is_relation && statement::read(spot.text).if_exists => {
            draft.settle(
                Verdict::Safe,
                format!("{} is not there, and IF EXISTS passes over it", spot.hazard.object),
            );
        }
        Subject::Missing if spot.is_relation => {
            draft.say(format!("{} is not there now, and nothing before this creates it", spot.hazard.object));
        }
        Subject::Untold if spot.is_relation => {
            draft.say(format!(
                "the step moves the search path, so that nobody can tell which {} it means",
                spot.hazard.object
            ));
        }
        Subject::Missing | Subject::Untold => {}
    }
    Some(draft.found())
}

/// A hazard that is being judged.
struct Draft<'a> {
    known: &'a Known,
    spot: &'a Spot<'a>,
    gone: &'a Gone,
    verdict: Verdict,
    evidence: Vec<String>,
    /// Whether the evidence speaks for itself, and against what the hazard is in general.
    settled: bool,
}

impl Draft<'_> {
    fn say(&mut self, evidence: String) {
        self.evidence.push(evidence);
    }

    fn settle(&mut self, verdict: Verdict, evidence: String) {
        (self.verdict, self.evidence, self.settled) = (verdict, vec![evidence], true);
    }

    fn judge(&mut self, relation: &Relation) {
        self.weigh(relation);
        let name = part(&self.spot.hazard.part);
        match (self.spot.hazard.rule.as_ref(), name) {
            ("adding-not-nullable-field", Some(column)) => self.not_null(relation, &column),
            ("changing-column-type", Some(column)) => self.data_type(relation, &column),
            (
                "constraint-missing-not-valid"
                | "adding-foreign-key-constraint"
                | "disallowed-unique-constraint",
                _,
            ) => self.constraint(relation),
            ("require-concurrent-index-creation", name) => self.index(relation, name.as_deref()),
            ("ban-drop-column" | "renaming-column", Some(column)) if self.is_new(relation, &column) => {
                self.settle(Verdict::BriefLock, format!("nobody reads {column} yet, which is not there now"));
            }
            _ => self.emptiness(),
        }
    }

    /// What blocks others does so for a moment on a small table.
    fn weigh(&mut self, relation: &Relation) {
        let is_silent = matches!(self.verdict, Verdict::BreaksRunningVersion | Verdict::Safe);
        let Some(table) = self.known.table(relation.table).filter(|table| table.holds_rows()) else { return };
        let blocks = matches!(self.verdict, Verdict::BlocksWrites | Verdict::BlocksEverything);
        let name = table.name();
        if blocks && table.is_small() {
            self.settle(Verdict::BriefLock, format!("{name} is small: {}", table.size()));
        } else if !is_silent {
            self.say(format!("{name} has {}", table.size()));
        }
    }

    /// Whether an earlier statement of the plan has to add the column.
    fn is_new(&self, relation: &Relation, column: &str) -> bool {
        let columns = &self.known.structure.columns;
        let is_known = columns.iter().any(|known| known.table == relation.table);
        is_known && self.known.structure.column(relation.table, column).is_none()
    }

    fn not_null(&mut self, relation: &Relation, column: &str) {
        let structure = &self.known.structure;
        if structure.is_not_null(relation.table, column) {
            self.settle(Verdict::Safe, format!("{column} is not null already"));
            return;
        }
        let of_plan =
            |name: &str| self.spot.checks.iter().any(|check| check.constraint == name && check.validated);
        let found = structure.not_null_check(relation.table, column);
        let planned = self
            .spot
            .checks
            .iter()
            .find(|check| check.not_null.as_deref() == Some(column) && check.validated);
        match (found, planned) {
            (Some(check), _) if check.validated || of_plan(&check.name) => {
                let name = check.name.clone();
                self.settle(
                    Verdict::BriefLock,
                    format!("the check {name} proves it, so that no row is read"),
                );
            }
            (_, Some(check)) => {
                let name = check.constraint.clone();
                self.settle(
                    Verdict::BriefLock,
                    format!("the check {name} of an earlier step proves it, so that no row is read"),
                );
            }
            (Some(check), None) => {
                self.say(format!("the check {} would spare the reading once it is validated", check.name));
            }
            (None, None) => {}
        }
    }

    fn data_type(&mut self, relation: &Relation, column: &str) {
        let Some(now) = self.known.structure.column(relation.table, column) else { return };
        if wanted_type(self.spot.text, column).as_deref() == Some(&now.data_type) {
            self.settle(Verdict::Safe, format!("{column} is {} already", now.data_type));
        } else {
            self.say(format!("{column} is {} now", now.data_type));
        }
    }

    /// The name stands in the text: the part of a foreign key's hazard is the other table.
    fn constraint(&mut self, relation: &Relation) {
        let structure = &self.known.structure;
        for check in statement::read(self.spot.text).checks {
            let name = check.constraint;
            let Some(there) = structure.constraint(relation.table, &name) else { continue };
            if !check.validates {
                self.say(format!("a constraint {name} is there already, so that the statement will fail"));
            } else if there.validated {
                self.settle(Verdict::Safe, format!("the constraint {name} is validated already"));
            }
        }
    }

    fn index(&mut self, relation: &Relation, name: Option<&str>) {
        if self.spot.builds_nothing() {
            let evidence = "ON ONLY builds nothing: the partitions' indexes are attached";
            self.settle(Verdict::BriefLock, evidence.to_owned());
        }
        let structure = &self.known.structure;
        let of_name = |index: &&Index| index.table == relation.table && Some(index.name.as_str()) == name;
        if let Some(there) = structure.indexes.iter().find(of_name) {
            let state = if there.valid { "an index" } else { "an invalid index" };
            self.say(format!(
                "{state} {} is there already, so that the statement will fail or do nothing",
                there.name
            ));
        } else if let Some(equal) = structure.equal_index(relation.table, self.spot.text) {
            self.say(format!("the index {} is the same already", equal.name));
        }
    }

    /// What holds nothing loses nothing; whoever reads it still misses it.
    fn emptiness(&mut self) {
        let Some(target) = Target::of_hazard(self.spot.hazard, self.spot.subject) else { return };
        let what = if target.column.is_some() { "the column" } else { "the table" };
        match self.known.is_empty(&target) {
            Some(true) if self.verdict <= Verdict::LosesData => {
                let is_unused = target.goes == Goes::Emptied || self.is_unused(&target);
                let (verdict, more) = if is_unused {
                    (Verdict::BriefLock, "so that nothing is lost")
                } else {
                    (
                        Verdict::BreaksRunningVersion,
                        "so that nothing is lost, but statements that name it fail",
                    )
                };
                self.settle(verdict, format!("{what} is empty, {more}"));
            }
            Some(true) => self.say(format!("{what} is empty")),
            Some(false) => self.say(format!("{what} is not empty")),
            None => {}
        }
    }

    /// Nobody counts who reads a column, so that only a table is known to be unused.
    fn is_unused(&self, target: &Target) -> bool {
        let usage = self.known.usage(target.table);
        target.column.is_none()
            && self.known.readers(target, self.gone).is_empty()
            && usage.is_some_and(Usage::is_idle)
    }

    fn found(self) -> FoundHazard {
        let hazard = self.spot.hazard;
        let row = table_row(&hazard.rule);
        let danger = row.map_or("", |row| row.danger);
        let evidence = self.evidence.join("; ");
        let message = match (danger.is_empty(), evidence.is_empty()) {
            (false, false) if !self.settled => format!("{danger}: {evidence}"),
            (false, true) => danger.to_owned(),
            (_, false) => evidence,
            (true, true) => format!("{} {}", hazard.rule, hazard.object).trim_end().to_owned(),
        };
        FoundHazard {
            hazard: hazard.rule.clone(),
            verdict: self.verdict,
            line: self.spot.line,
            object: hazard.object.to_string(),
            message,
            recipe: row.map_or("", |row| row.recipe).into(),
            accepted: hazard.allowed.as_ref().map(ToString::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;
    use crate::revisions::StaticHazard;

    fn found(subject: Subject<'_>, tables: Vec<Table>) -> Option<FoundHazard> {
        found_in("create index i on orders (a)", subject, tables)
    }

    fn found_in(text: &str, subject: Subject<'_>, tables: Vec<Table>) -> Option<FoundHazard> {
        let (rule, object) = ("require-concurrent-index-creation".into(), "orders".into());
        let allowed = Some("at night".into());
        let hazard = StaticHazard { statement: 0, rule, object, part: "i".into(), allowed };
        let spot =
            Spot { hazard: &hazard, subject, is_relation: true, text, line: Some(7), checks: Vec::new() };
        joined(&Known { tables, ..Known::default() }, &spot, &Gone::default())
    }

    fn orders(rows: u64, bytes: u64) -> Vec<Table> {
        let (qualified, kind) = ("public.orders".to_owned(), "r".to_owned());
        vec![Table { oid: 1, qualified, kind, rows: Some(rows), bytes, ..Table::default() }]
    }

    #[test]
    fn the_size_of_a_table_softens_or_proves_what_the_text_says() {
        let relation = Relation { oid: 1, table: 1, ..Relation::default() };
        let large = found(Subject::There(&relation), orders(52_000_000, 9 << 30)).unwrap();
        assert!((Verdict::BlocksWrites..=Verdict::BlocksEverything).contains(&large.verdict), "{large:?}");
        assert!(
            large.message.ends_with("orders has 52 million rows, 9 GB with indexes"),
            "{}",
            large.message
        );
        assert_eq!((large.line, large.accepted.as_deref()), (Some(7), Some("at night")));
        let small = found(Subject::There(&relation), orders(12, 8_192)).unwrap();
        assert_eq!(small.verdict, Verdict::BriefLock);
    }

    #[test]
    fn an_index_on_only_the_parent_of_partitions_builds_nothing() {
        let verdict = |text: &str, kind: &str| {
            let relation = Relation { oid: 1, table: 1, kind: kind.to_owned(), ..Relation::default() };
            found_in(text, Subject::There(&relation), orders(52_000_000, 9 << 30)).unwrap().verdict
        };
        let on_only = "create index i on only orders (a)";
        assert_eq!(verdict(on_only, "p"), Verdict::BriefLock);
        assert_eq!(verdict(on_only, "r"), Verdict::BlocksWrites);
        assert_eq!(verdict("create index i on orders (a)", "p"), Verdict::BlocksWrites);
    }

    #[test]
    fn a_table_that_is_not_there_is_judged_by_whether_the_plan_creates_it() {
        assert_eq!(found(Subject::New, Vec::new()), None);
        let missing = found(Subject::Missing, Vec::new()).unwrap();
        assert!(missing.message.ends_with("orders is not there now, and nothing before this creates it"));
        let untold = found(Subject::Untold, Vec::new()).unwrap();
        assert!(untold.message.contains("moves the search path"), "{}", untold.message);
    }
}
