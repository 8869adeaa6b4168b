//! From what a plan touches to every table that loses by it.

use std::collections::{BTreeMap, HashSet};

use super::graph::{ForeignKey, Graph, Node};
use super::touched::{Dropped, Drops, Touch, Touched, Trigger, Way};
use super::{AtRisk, TableAtRisk};
use crate::config::HistoryTable;

/// The tables at risk, on what is known.
pub(super) fn at_risk(touched: &Touched, graph: &Graph, history: &HistoryTable) -> AtRisk {
    let mut spread = Spread { touched, graph, reasons: BTreeMap::new(), all: touched.all.clone() };
    for (place, drops) in touched.drops.iter().enumerate() {
        spread.drop(place, drops);
    }
    for (place, touch) in touched.touches.iter().enumerate() {
        spread.touch(place, touch);
    }
    spread.result(history)
}

struct Spread<'a> {
    touched: &'a Touched,
    graph: &'a Graph,
    reasons: BTreeMap<u32, Vec<String>>,
    all: Option<String>,
}

/// A relation that a touch has come to, and by which foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reached<'a> {
    relation: u32,
    way: Way,
    key: Option<&'a str>,
}

impl<'a> Spread<'a> {
    fn add(&mut self, relation: u32, why: String) {
        let reasons = self.reasons.entry(relation).or_default();
        if !reasons.contains(&why) {
            reasons.push(why);
        }
    }

    fn drop(&mut self, place: usize, drops: &Drops) {
        let by = &drops.by;
        let name = drops.what.name();
        if !self.graph.there.contains(&place) && !drops.if_exists {
            self.all.get_or_insert(format!("{by} drops {name}, which is not there now"));
        }
        for (_, relation, whole) in self.graph.hanging.iter().filter(|(of, ..)| *of == place) {
            let why = match (&drops.what, whole) {
                (Dropped::Table { oid, .. }, _) if oid == relation => format!("{by} drops it"),
                (_, true) => format!("{by} drops it with {name}"),
                (_, false) => format!("{by} takes values of it along with {name}"),
            };
            self.add(*relation, why);
        }
    }

    fn touch(&mut self, place: usize, touch: &Touch) {
        let start = Reached { relation: touch.table, way: touch.way.clone(), key: None };
        let (mut seen, mut queue) = (HashSet::from([start.clone()]), vec![start]);
        while let Some(reached) = queue.pop() {
            self.runs_code(place, touch, &reached);
            if let Some(why) = reached.why(&touch.by) {
                self.add(reached.relation, why);
            }
            queue.extend(self.next(&reached).into_iter().filter(|next| seen.insert(next.clone())));
        }
    }

    /// What may write anything, where the write sets it off.
    fn runs_code(&mut self, place: usize, touch: &Touch, reached: &Reached<'_>) {
        let (by, events) = (&touch.by, reached.way.events());
        let Some(node) = self.graph.relations.get(&reached.relation) else { return };
        let there = self.graph.code.get(&reached.relation).into_iter().flatten();
        if let Some(code) = there.clone().find(|code| code.events & events != 0) {
            self.all
                .get_or_insert(format!("{by} writes {}, where {} may write anything", node.name, code.what));
        }
        let made = |trigger: &&Trigger| trigger.table == reached.relation && trigger.from <= place;
        if let Some(trigger) = self.touched.triggers.iter().find(made).filter(|_| events != 0) {
            let maker = &trigger.by;
            self.all.get_or_insert(format!(
                "{by} writes {}, where a trigger of {maker} may write anything",
                node.name
            ));
        }
    }

    /// What a write of a relation carries on to.
    fn next(&self, reached: &Reached<'a>) -> Vec<Reached<'a>> {
        let Reached { relation, way, key } = reached;
        let same = |relation: u32| Reached { relation, way: way.clone(), key: *key };
        let below = self.graph.below.get(relation).into_iter().flatten().copied().map(same);
        let tied =
            self.touched.ties.iter().filter(|(first, _)| first == relation).map(|(_, second)| same(*second));
        let keys = self.graph.keys.get(relation).into_iter().flatten();
        let carried = keys
            .filter_map(|key| Some(Reached { relation: key.table, way: way.by(key)?, key: Some(&key.name) }));
        below.chain(tied).chain(carried).collect()
    }

    fn result(self, history: &HistoryTable) -> AtRisk {
        let Self { graph, reasons, all, .. } = self;
        let is_history = |node: &Node| (&*node.schema, &*node.name) == (history.schema(), history.table());
        let of = |(oid, node): (&u32, &Node)| {
            let own = reasons.get(oid).map(|reasons| reasons.join("; "));
            let why = own.or_else(|| all.clone().filter(|_| !node.of_extension))?;
            let (schema, name) = (node.schema.clone(), node.name.clone());
            (node.kind == "r" && !node.is_apart && !is_history(node)).then_some(TableAtRisk {
                schema,
                name,
                why,
            })
        };
        let mut tables: Vec<_> = graph.relations.iter().filter_map(of).collect();
        tables.sort_by(|one, other| (&one.schema, &one.name).cmp(&(&other.schema, &other.name)));
        AtRisk { tables, all }
    }
}

impl Reached<'_> {
    fn why(&self, by: &str) -> Option<String> {
        let what = match &self.way {
            Way::Column(column) => format!("drops its column {column}"),
            Way::Deleted | Way::Truncated { .. } => "deletes rows of it".to_owned(),
            Way::Changed(_) | Way::Retyped => "changes values of it".to_owned(),
            Way::Inserted => return None,
        };
        let key = self.key.map_or(String::new(), |key| format!(" by the foreign key {key}"));
        Some(format!("{by} {what}{key}"))
    }
}

impl Way {
    /// What the write does to a table that refers by this key.
    fn by(&self, key: &ForeignKey) -> Option<Self> {
        let acts = |action: &str, with: &[&str]| with.contains(&action);
        match self {
            Self::Truncated { cascades: true } => Some(self.clone()),
            Self::Deleted if acts(&key.on_delete, &["c"]) => Some(Self::Deleted),
            Self::Deleted if acts(&key.on_delete, &["n", "d"]) => Some(Self::Changed(key.columns.clone())),
            Self::Changed(columns) if acts(&key.on_update, &["c", "n", "d"]) => key
                .key
                .iter()
                .any(|column| columns.contains(column))
                .then(|| Self::Changed(key.columns.clone())),
            _ => None,
        }
    }
}

impl Dropped {
    fn name(&self) -> String {
        match self {
            Self::Table { name, .. } => name.clone(),
            Self::Schema(name) | Self::Type(name) | Self::Extension(name) | Self::Collation(name) => {
                name.to_string()
            }
        }
    }
}
