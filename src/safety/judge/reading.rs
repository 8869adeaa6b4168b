//! What the texts of a plan need of the database, and what their names mean when each statement runs.

use std::collections::BTreeSet;

use super::LockMode;
use super::name::Name;
use super::relation::{Relation, Relations};
use super::statement::{self, Check, Statement};
use crate::plan::Plan;
use crate::revisions::{Effect, EffectKind, Script, StaticHazard, Step};

/// The texts of a plan's steps.
pub(super) struct Reading<'a> {
    /// None of a step that is not SQL.
    pub(super) steps: Vec<Option<StepText<'a>>>,
}

/// The text of one step.
pub(super) struct StepText<'a> {
    pub(super) script: &'a Script,
    pub(super) statements: Vec<Statement>,
    /// It moves the search path: its names are those of another place than the one where we look.
    pub(super) moves: bool,
}

/// One step, with its names found.
#[derive(Debug, Default)]
pub(super) struct StepNeeds<'a> {
    pub(super) script: Option<&'a Script>,
    pub(super) hazards: Vec<Spot<'a>>,
    pub(super) effects: Vec<(&'a Effect, Subject<'a>)>,
    /// The strongest lock on each table that is there now.
    pub(super) locks: Vec<Need<'a>>,
    /// Whether it waits for every older snapshot of the database.
    pub(super) waits_for_snapshots: bool,
    /// What this step and those before it drop or replace.
    pub(super) gone: Gone,
}

/// What is no longer what it was when the plan began.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) relations: Vec<u32>,
    /// By their names alone.
    pub(super) functions: Vec<String>,
}

/// A hazard of the text, where it stands.
#[derive(Debug)]
pub(super) struct Spot<'a> {
    pub(super) hazard: &'a StaticHazard,
    pub(super) subject: Subject<'a>,
    /// Whether the text says that the object is a relation, and no type or function.
    pub(super) is_relation: bool,
    /// The statement.
    pub(super) text: &'a str,
    /// The line of the file, from 1.
    pub(super) line: Option<usize>,
    /// Constraints of the same table that earlier statements of the plan add or validate.
    pub(super) checks: Vec<Check>,
}

impl Spot<'_> {
    /// Whether it is about an index on the parent of partitions alone, which builds nothing.
    pub(super) fn builds_nothing(&self) -> bool {
        let is_partitioned = matches!(self.subject, Subject::There(relation) if relation.kind == "p");
        is_partitioned && statement::read(self.text).on_only
    }
}

/// A lock that a step takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need<'a> {
    pub(super) relation: &'a Relation,
    pub(super) mode: LockMode,
    /// The line of the file, from 1.
    pub(super) line: Option<usize>,
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// A relation that is there now.
    There(&'a Relation),
    /// One that an earlier statement of the plan creates.
    New,
    /// Nothing.
    Missing,
    /// Nobody can tell: the text does not say, or the step moves the search path.
    Untold,
}

impl<'a> Reading<'a> {
    pub(super) fn of(plan: &Plan<'a>) -> Self {
        let text = |script: &'a Script| StepText {
            script,
            statements: script.statements().map(statement::read).collect(),
            moves: script.statements().any(|text| text.to_ascii_lowercase().contains("search_path")),
        };
        let script = |step: Option<&'a Step>| match step {
            Some(Step::Sql(script)) => Some(text(script)),
            _ => None,
        };
        Self { steps: plan.steps.iter().map(|revision| script(revision.step(plan.direction))).collect() }
    }

    /// Every name that may be that of a relation.
    pub(super) fn names(&self) -> Vec<Name> {
        let mut names = BTreeSet::new();
        for text in self.steps.iter().flatten().filter(|text| !text.moves) {
            names.extend(text.script.hazards.iter().filter_map(|hazard| Name::parse(&hazard.object)));
            names.extend(text.script.effects.iter().filter_map(relation_of));
            for statement in &text.statements {
                names.extend(statement.ends.iter().cloned());
                names.extend(statement.locks.iter().map(|(name, _)| name.clone()));
                names.extend(statement.creates.iter().map(|created| created.name.clone()));
            }
        }
        names.into_iter().collect()
    }

    /// Goes through the steps in their order, and finds what each name means there.
    pub(super) fn needs(&self, relations: &'a Relations) -> Vec<StepNeeds<'a>> {
        let mut names = Names::new(relations);
        self.steps
            .iter()
            .map(|text| text.as_ref().map_or_else(StepNeeds::default, |text| text.needs(&mut names)))
            .collect()
    }
}

impl<'a> StepText<'a> {
    fn needs(&self, names: &mut Names<'a>) -> StepNeeds<'a> {
        let mut needs = StepNeeds { script: Some(self.script), ..StepNeeds::default() };
        for (place, statement) in self.statements.iter().enumerate() {
            self.add(&mut needs, names, place, statement);
            names.follow(statement);
        }
        needs.gone = names.gone.clone();
        needs
    }

    fn add(&self, needs: &mut StepNeeds<'a>, names: &Names<'a>, place: usize, statement: &Statement) {
        let hazards = self.script.hazards.iter().filter(|hazard| hazard.statement as usize == place);
        needs.hazards.extend(hazards.map(|hazard| self.spot(names, hazard, statement)));
        let effects = self.script.effects_of(place);
        needs.effects.extend(effects.map(|effect| (effect, self.subject(names, relation_of(effect)))));
        needs.waits_for_snapshots |= statement.waits_for_snapshots;
        for (name, mode) in &statement.locks {
            if let Subject::There(relation) = self.subject(names, Some(name.clone())) {
                needs.lock(Need { relation, mode: *mode, line: self.script.line_of(place) });
            }
        }
    }

    fn subject(&self, names: &Names<'a>, name: Option<Name>) -> Subject<'a> {
        match name {
            Some(name) if !self.moves => names.subject(&name),
            _ => Subject::Untold,
        }
    }

    fn spot(&self, names: &Names<'a>, hazard: &'a StaticHazard, statement: &Statement) -> Spot<'a> {
        // What is attached is what is scanned.
        let is_attached = hazard.rule == "attaching-partition";
        let name = Name::parse(if is_attached { &hazard.part } else { &hazard.object });
        let is = |other: &Name| Some(other) == name.as_ref();
        let is_relation = statement.locks.iter().any(|(locked, _)| is(locked));
        let subject = if statement.creates.iter().any(|created| is(&created.name)) {
            // Nobody uses what it creates; what it locks for that is what matters.
            let mut locked =
                statement.locks.iter().map(|(locked, _)| self.subject(names, Some(locked.clone())));
            locked.find(|subject| matches!(subject, Subject::There(_))).unwrap_or(Subject::Untold)
        } else if is_relation {
            self.subject(names, name.clone())
        } else {
            Subject::Untold
        };
        let checks = name.as_ref().map_or_else(Vec::new, |name| names.checks_of(name));
        let place = hazard.statement as usize;
        let text = self.script.statements().nth(place).unwrap_or_default();
        Spot { hazard, subject, is_relation, text, line: self.script.line_of(place), checks }
    }
}

impl<'a> StepNeeds<'a> {
    fn lock(&mut self, need: Need<'a>) {
        match self.locks.iter_mut().find(|known| known.relation.table == need.relation.table) {
            Some(known) if known.mode < need.mode => *known = need,
            Some(_) => {}
            None => self.locks.push(need),
        }
    }

    /// The lock that it takes on a table.
    pub(super) fn mode_on(&self, table: u32) -> Option<LockMode> {
        self.locks.iter().find(|need| need.relation.table == table).map(|need| need.mode)
    }
}

/// The table of an effect, or whatever else of `pg_class` it is about.
pub(super) fn relation_of(effect: &Effect) -> Option<Name> {
    match effect.kind {
        EffectKind::BuildsIndex => Name::parse(&effect.part),
        EffectKind::DropsMore | EffectKind::Opaque => None,
        _ => Name::parse(&effect.object),
    }
}

/// What names mean in the middle of a plan.
pub(super) struct Names<'a> {
    pub(super) relations: &'a Relations,
    /// Those that statements have given or taken, the newest last.
    changed: Vec<(Name, Subject<'a>)>,
    /// Indexes that statements have built, each with what its table is.
    indexes: Vec<(Name, Subject<'a>)>,
    checks: Vec<Check>,
    gone: Gone,
}

impl<'a> Names<'a> {
    pub(super) fn new(relations: &'a Relations) -> Self {
        let (changed, indexes, checks) = (Vec::new(), Vec::new(), Vec::new());
        Self { relations, changed, indexes, checks, gone: Gone::default() }
    }

    /// What a name means; of an index that the plan builds, its table.
    pub(super) fn subject(&self, name: &Name) -> Subject<'a> {
        let of_plan = || self.indexes.iter().rev().find(|(index, _)| *index == self.relations.full(name));
        match self.relation(name) {
            Subject::Missing => of_plan().map_or(Subject::Missing, |(_, table)| *table),
            subject => subject,
        }
    }

    fn relation(&self, name: &Name) -> Subject<'a> {
        let full = self.relations.full(name);
        let changed = self.changed.iter().rev().find(|(changed, _)| *changed == full);
        let now = || self.relations.get(name).map_or(Subject::Missing, Subject::There);
        changed.map_or_else(now, |(_, subject)| *subject)
    }

    /// Goes on behind a statement.
    pub(super) fn follow(&mut self, statement: &Statement) {
        for (index, table) in &statement.indexes {
            let schema = self.relations.full(table).schema;
            self.indexes.push((Name { schema, name: index.name.clone() }, self.relation(table)));
        }
        for name in &statement.ends {
            match self.relation(name) {
                Subject::There(relation) => self.gone.relations.push(relation.oid),
                _ => self.gone.functions.push(name.name.clone()),
            }
        }
        for created in &statement.creates {
            let stays = created.if_not_exists && matches!(self.relation(&created.name), Subject::There(_));
            if !stays {
                self.changed.push((self.relations.full(&created.name), Subject::New));
            }
        }
        for (old, new) in &statement.renames {
            let (old, subject) = (self.relations.full(old), self.relation(old));
            let new =
                Name { schema: new.schema.clone().or_else(|| old.schema.clone()), name: new.name.clone() };
            self.changed.extend([(old, Subject::Missing), (new, subject)]);
        }
        for check in &statement.checks {
            let table = self.relations.full(&check.table);
            let is_same = |known: &&mut Check| known.table == table && known.constraint == check.constraint;
            match self.checks.iter_mut().find(is_same) {
                Some(known) => known.validated |= check.validated,
                None => self.checks.push(Check { table, ..check.clone() }),
            }
        }
    }

    fn checks_of(&self, table: &Name) -> Vec<Check> {
        let table = self.relations.full(table);
        self.checks.iter().filter(|check| check.table == table).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relations() -> Relations {
        let orders = Relation {
            oid: 1,
            schema: "public".into(),
            name: "orders".into(),
            table: 1,
            ..Relation::default()
        };
        let found = vec![
            (Name::parse("orders").unwrap(), orders.clone()),
            (Name::parse("public.orders").unwrap(), orders),
        ];
        Relations { server_version: 150_000, current_schema: "public".into(), found }
    }

    fn after(statements: &[&str], name: &str) -> String {
        let relations = relations();
        let mut names = Names::new(&relations);
        statements.iter().for_each(|text| names.follow(&statement::read(text)));
        match names.subject(&Name::parse(name).unwrap()) {
            Subject::There(relation) => relation.name.clone(),
            subject => format!("{subject:?}"),
        }
    }

    #[test]
    fn names_mean_what_the_statements_before_have_made_of_them() {
        assert_eq!(after(&[], "orders"), "orders");
        assert_eq!(after(&[], "goods"), "Missing");
        assert_eq!(after(&["create table goods ()"], "public.goods"), "New");
        assert_eq!(after(&["create table archive.orders ()"], "orders"), "orders");
        assert_eq!(after(&["create table if not exists orders ()"], "orders"), "orders");
        assert_eq!(after(&["create table if not exists goods ()"], "goods"), "New");
        assert_eq!(after(&["drop table orders", "create table orders ()"], "orders"), "New");
        assert_eq!(after(&["create index by_day on orders (day)"], "by_day"), "orders");
        assert_eq!(after(&["create index by_day on orders (day)", "drop index by_day"], "orders"), "orders");
        let of_new =
            ["create table goods ()", "create unique index concurrently if not exists i on only goods (a)"];
        assert_eq!(after(&of_new, "public.i"), "New");
        assert_eq!(after(&["create index on orders (day)"], "day"), "Missing");
        assert_eq!(after(&["alter table orders rename to old"], "old"), "orders");
        assert_eq!(after(&["alter table orders rename to old"], "orders"), "Missing");
        let swapped =
            ["create table new ()", "alter table orders rename to old", "alter table new rename to orders"];
        assert_eq!(after(&swapped, "orders"), "New");
        assert_eq!(after(&swapped, "public.old"), "orders");
        assert_eq!(after(&["alter table orders set schema archive"], "archive.orders"), "orders");
        assert_eq!(after(&["alter table orders set schema archive"], "orders"), "Missing");
    }
}
