//! What the texts of a plan touch, each table as it is before the plan.

use crate::plan::Plan;
use crate::revisions::{Direction, Effect, EffectKind, Revision, Step};
use crate::safety::judge::name::{Name, part};
use crate::safety::judge::reading::{Names, Reading, StepText, Subject, relation_of};
use crate::safety::judge::relation::{Relation, Relations};
use crate::safety::judge::statement::Statement;
use crate::safety::judge::token::{Token, tokens};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) touches: Vec<Touch>,
    pub(super) drops: Vec<Drops>,
    /// Tables of which what befalls the first befalls the second, because the plan ties them together.
    pub(super) ties: Vec<(u32, u32)>,
    /// Triggers and rules that the plan makes on tables that are there.
    pub(super) triggers: Vec<Trigger>,
    /// Why nobody can tell what is touched: the first such step.
    pub(super) all: Option<String>,
}

/// A trigger or a rule that the plan makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    /// The place of the first touch behind it.
    pub(super) from: usize,
    pub(super) table: u32,
    /// The revision's stem.
    pub(super) by: String,
}

/// A table whose rows a step works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) table: u32,
    pub(super) way: Way,
    /// The revision's stem.
    pub(super) by: String,
}

/// In what way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// The column is dropped.
    Column(String),
    /// Rows are deleted one by one.
    Deleted,
    /// All rows are removed, and with `CASCADE` those of the tables that refer to it.
    Truncated { cascades: bool },
    /// Values are changed, of these columns at the most.
    Changed(Vec<String>),
    /// A column is given another type: no trigger fires, and no foreign key acts.
    Retyped,
    /// Rows are added, which loses none; a trigger may.
    Inserted,
}

/// Something that is dropped with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drops {
    pub(super) what: Dropped,
    /// Whether the step is content where it is not there.
    pub(super) if_exists: bool,
    /// The revision's stem.
    pub(super) by: String,
}

/// What is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    Table { oid: u32, name: String },
    Schema(Name),
    Type(Name),
    Extension(Name),
    Collation(Name),
}

impl Touched {
    pub(super) fn read(plan: &Plan<'_>, reading: &Reading<'_>, relations: &Relations) -> Self {
        let mut walk = Walk {
            touched: Self::default(),
            names: Names::new(relations),
            ties: Vec::new(),
            triggers: Vec::new(),
            renames_more: false,
        };
        if let Some(version) = plan.awaited.first() {
            walk.hides(format!("the backfill of version {version} runs, and may write anything"));
        }
        for (revision, text) in plan.steps.iter().zip(&reading.steps) {
            walk.rust(revision, plan.direction);
            if let Some(text) = text {
                walk.step(&revision.stem(), text);
            }
        }
        walk.touched
    }
}

/// Where in the plan we are.
struct Walk<'a> {
    touched: Touched,
    names: Names<'a>,
    /// By the names that the tables have here.
    ties: Vec<(Name, Name)>,
    /// Tables on which the plan has made a trigger or a rule, by the names that they have here.
    triggers: Vec<Name>,
    /// Whether a schema or a type has another name here than in the catalog.
    renames_more: bool,
}

impl<'a> Walk<'a> {
    fn hides(&mut self, why: String) {
        self.touched.all.get_or_insert(why);
    }

    fn rust(&mut self, revision: &Revision, direction: Direction) {
        let stem = revision.stem();
        if let Some(Step::Rust(_)) = revision.step(direction) {
            return self.hides(format!("{stem} is Rust, which may write anything"));
        }
        // Checks are rolled back.
        let around = &revision.around;
        if direction == Direction::Up && (around.hooks().next().is_some() || around.backfill().is_some()) {
            self.hides(format!("{stem} has Rust beside its SQL, which may write anything"));
        }
    }

    fn step(&mut self, by: &str, text: &StepText<'a>) {
        for (place, (statement, words)) in text.statements.iter().zip(text.script.statements()).enumerate() {
            for effect in text.script.effects_of(place) {
                self.effect(by, text.moves, (effect, statement, words));
            }
            if let Some(name) = &statement.inserts {
                self.touch(by, text.moves, name, &Way::Inserted, true);
            }
            self.follow(by, statement);
        }
    }

    fn effect(&mut self, by: &str, moves: bool, (effect, statement, text): (&Effect, &Statement, &str)) {
        let way = match effect.kind {
            EffectKind::Opaque => {
                return self.hides(format!("{by} runs code of which its text does not tell what it writes"));
            }
            EffectKind::DropsMore => return self.drops_more(by, moves, effect, text),
            EffectKind::DropsTable => return self.drops_table(by, moves, effect, statement.if_exists),
            EffectKind::DropsColumn => Way::Column(part(&effect.part).unwrap_or_default()),
            EffectKind::DeletesRows => deletion(text),
            EffectKind::ChangesRows => change(text),
            _ => return,
        };
        match relation_of(effect) {
            Some(name) => self.touch(by, moves, &name, &way, statement.if_exists),
            None => self.hides(format!("{by} works on {}, a name that cannot be read", effect.object)),
        }
    }

    /// What a name means here; none where it is new, or nobody can tell.
    fn there(&mut self, by: &str, moves: bool, name: &Name, if_exists: bool) -> Option<&'a Relation> {
        if moves {
            self.hides(format!("{by} moves the search path, so that its names cannot be told"));
            return None;
        }
        match self.names.subject(name) {
            Subject::There(relation) => return Some(relation),
            Subject::Missing if self.renames_more || !if_exists => {
                self.hides(format!("{by} works on {name}, which is not there now"));
            }
            Subject::Missing | Subject::New | Subject::Untold => {}
        }
        None
    }

    fn touch(&mut self, by: &str, moves: bool, name: &Name, way: &Way, if_exists: bool) {
        if let Some(relation) = self.there(by, moves, name, if_exists) {
            self.add(by, relation, way);
        }
        if moves {
            return;
        }
        // A table of the plan's own loses nothing, but others may hang on it.
        for name in self.tied(&self.names.relations.full(name)) {
            match self.names.subject(&name) {
                Subject::There(relation) => self.add(by, relation, way),
                _ if way.events() != 0 && self.triggers.contains(&name) => {
                    self.hides(format!("{by} writes {name}, whose trigger may write anything"));
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, by: &str, relation: &Relation, way: &Way) {
        let touch = Touch { table: relation.table, way: way.clone(), by: by.to_owned() };
        if self.touched.touches.last() != Some(&touch) {
            self.touched.touches.push(touch);
        }
    }

    /// The name itself, and those that the plan has tied to it.
    fn tied(&self, name: &Name) -> Vec<Name> {
        let mut found = vec![name.clone()];
        let mut at = 0;
        while let Some(name) = found.get(at).cloned() {
            let next = self.ties.iter().filter(|(first, second)| *first == name && !found.contains(second));
            let next: Vec<_> = next.map(|(_, second)| second.clone()).collect();
            found.extend(next);
            at += 1;
        }
        found
    }

    fn drops_table(&mut self, by: &str, moves: bool, effect: &Effect, if_exists: bool) {
        let Some(name) = relation_of(effect) else {
            return self.hides(format!("{by} drops {}, a name that cannot be read", effect.object));
        };
        if let Some(relation) = self.there(by, moves, &name, if_exists) {
            let what = Dropped::Table { oid: relation.oid, name: name.to_string() };
            self.touched.drops.push(Drops { what, if_exists: true, by: by.to_owned() });
        } else {
            // Partitions go with it.
            self.touch(by, moves, &name, &Way::Truncated { cascades: false }, true);
        }
    }

    fn drops_more(&mut self, by: &str, moves: bool, effect: &Effect, text: &str) {
        let tokens = tokens(text);
        let words: Vec<_> =
            tokens.iter().filter(|token| !token.quoted).map(|token| token.text.as_str()).collect();
        let named: Option<fn(Name) -> Dropped> = match words.get(1) {
            _ if moves || self.renames_more => None,
            Some(&"schema") => Some(Dropped::Schema),
            Some(&("type" | "domain")) => Some(Dropped::Type),
            Some(&"extension") => Some(Dropped::Extension),
            Some(&"collation") => Some(Dropped::Collation),
            _ => None,
        };
        match named.zip(Name::parse(&effect.object)) {
            Some((kind, name)) => {
                let if_exists = words.get(2..4) == Some(&["if", "exists"][..]);
                self.touched.drops.push(Drops { what: kind(name), if_exists, by: by.to_owned() });
            }
            None => self.hides(format!("{by} drops {}, and all that hangs on it", effect.object)),
        }
    }

    fn follow(&mut self, by: &str, statement: &Statement) {
        let full = |name: &Name| self.names.relations.full(name);
        if let Some(name) = &statement.triggers {
            self.triggers.push(full(name));
            if let Subject::There(relation) = self.names.subject(name) {
                let from = self.touched.touches.len();
                self.touched.triggers.push(Trigger { from, table: relation.table, by: by.to_owned() });
            }
        }
        for (first, second) in &statement.ties {
            self.ties.push((full(first), full(second)));
            if let (Subject::There(first), Subject::There(second)) =
                (self.names.subject(first), self.names.subject(second))
            {
                self.touched.ties.push((first.table, second.table));
            }
        }
        for (old, new) in &statement.renames {
            let (old, schema) = (full(old), new.schema.clone());
            let new = Name { schema: schema.or_else(|| old.schema.clone()), name: new.name.clone() };
            let of_ties = self.ties.iter_mut().flat_map(|(first, second)| [first, second]);
            of_ties
                .chain(&mut self.triggers)
                .filter(|name| **name == old)
                .for_each(|name| *name = new.clone());
        }
        self.renames_more |= statement.renames_more;
        self.names.follow(statement);
    }
}

impl Way {
    /// The triggers that fire, as `pg_trigger.tgtype` has their events.
    pub(super) fn events(&self) -> u16 {
        match self {
            Self::Inserted => INSERT,
            Self::Deleted => DELETE,
            Self::Changed(_) => UPDATE,
            Self::Truncated { .. } => TRUNCATE,
            Self::Column(_) | Self::Retyped => 0,
        }
    }
}

const INSERT: u16 = 4;
const DELETE: u16 = 8;
const UPDATE: u16 = 16;
const TRUNCATE: u16 = 32;

fn deletion(text: &str) -> Way {
    let tokens = tokens(text);
    let is =
        |token: Option<&Token>, word: &str| token.is_some_and(|token| !token.quoted && token.text == word);
    if is(tokens.first(), "truncate") {
        Way::Truncated { cascades: is(tokens.last(), "cascade") }
    } else {
        Way::Deleted
    }
}

/// Which columns a statement sets is not read: those that it names at all.
fn change(text: &str) -> Way {
    let mut words = tokens(text).into_iter();
    match words.next() {
        Some(first) if first.text == "alter" => Way::Retyped,
        _ => Way::Changed(words.map(|token| token.text).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revisions::RevisionSet;

    fn revisions(files: &[(&str, &str)]) -> RevisionSet {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        crate::revisions::resolve_leniently(folder.path()).unwrap().revisions
    }

    fn touched(direction: Direction, set: &RevisionSet) -> Touched {
        let plan = Plan { direction, steps: set.iter().collect(), ..Plan::default() };
        let orders = Relation {
            oid: 1,
            table: 1,
            schema: "public".into(),
            name: "orders".into(),
            ..Relation::default()
        };
        let found = vec![(Name::parse("orders").unwrap(), orders)];
        let relations = Relations { current_schema: "public".into(), found, ..Relations::default() };
        Touched::read(&plan, &Reading::of(&plan), &relations)
    }

    #[test]
    fn a_way_back_is_read_from_the_downs_alone() {
        let set = revisions(&[
            ("V1__x.sql", "delete from orders"),
            (
                "V1__x.rs",
                "#[hardtack::after]\nasync fn after(context: &mut Context<'_>) -> Result<()> { Ok(()) }\n",
            ),
            ("V1__x.down.sql", "update orders set Note = null where \"Id\" > 1"),
        ]);
        let up = touched(Direction::Up, &set);
        assert_eq!(up.touches, [Touch { table: 1, way: Way::Deleted, by: "V1__x".into() }]);
        assert!(up.all.is_some_and(|why| why.contains("V1__x has Rust beside its SQL")));
        let down = touched(Direction::Down, &set);
        assert_eq!(down.all, None);
        let [Touch { way: Way::Changed(columns), .. }] = &down.touches[..] else {
            panic!("{:?}", down.touches)
        };
        assert!(["note", "Id"].iter().all(|column| columns.iter().any(|word| word == column)), "{columns:?}");
    }

    #[test]
    fn ties_in_a_ring_come_to_an_end() {
        let text = "create table n (id int primary key, m int); create table m (id int primary key, n int);
            alter table n add foreign key (m) references m on delete cascade;
            alter table m add foreign key (n) references n on delete cascade;
            alter table orders add foreign key (n) references n on delete cascade; delete from m";
        let touches = touched(Direction::Up, &revisions(&[("V1__x.sql", text)])).touches;
        assert_eq!(touches, [Touch { table: 1, way: Way::Deleted, by: "V1__x".into() }]);
    }
}
