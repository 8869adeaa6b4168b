use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::DdlStatement;
use crate::catalog::{Kind, ObjectId};

/// A step of a plan, in the order in which it is best taken where nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// A partition is taken off, a default goes.
    Loosen,
    Drop,
    /// A type makes room for another of its name.
    RenameAway,
    /// It is made or altered.
    Make,
    /// What needs the whole of an object: to be attached, to be owned, a default that needs the table.
    Finish,
    /// What needs many objects: foreign keys, publications, event triggers, privileges of future objects.
    Last,
    DropReplaced,
}

/// A step of an object.
pub(super) type Node = (Step, ObjectId);

/// Steps with their statements, and which comes before which.
#[derive(Debug, Default)]
pub(super) struct Graph {
    statements: BTreeMap<Node, Vec<DdlStatement>>,
    after: BTreeMap<Node, BTreeSet<Node>>,
}

impl Graph {
    pub(super) fn add(&mut self, node: Node, statements: Vec<DdlStatement>) {
        self.statements.entry(node).or_default().extend(statements);
    }

    /// The first comes before the second. An edge from or to a step that nobody takes says nothing.
    pub(super) fn edge(&mut self, first: Node, second: Node) {
        if first != second {
            self.after.entry(first).or_default().insert(second);
        }
    }

    /// The statements in an order that every edge agrees with. In a circle, the step that is best taken first goes first.
    pub(super) fn ordered(self) -> Vec<DdlStatement> {
        let Self { mut statements, mut after } = self;
        after.retain(|node, _| statements.contains_key(node));
        let mut waits: BTreeMap<Node, usize> = BTreeMap::new();
        for later in after.values_mut() {
            later.retain(|node| statements.contains_key(node));
            later.iter().for_each(|node| *waits.entry(node.clone()).or_default() += 1);
        }
        let free = statements.keys().filter(|node| !waits.contains_key(*node)).cloned();
        let mut ready: BinaryHeap<Reverse<(Rank, Node)>> =
            free.map(|node| Reverse((rank(&node), node))).collect();
        let mut ordered = Vec::new();
        loop {
            let node = match ready.pop() {
                Some(Reverse((_, node))) => node,
                None => match waits.keys().min_by_key(|node| rank(node)).cloned() {
                    Some(node) => node,
                    None => return ordered,
                },
            };
            waits.remove(&node);
            ordered.extend(statements.remove(&node).unwrap_or_default());
            for later in after.remove(&node).unwrap_or_default() {
                if let Some(number) = waits.get_mut(&later) {
                    *number -= 1;
                    if *number == 0 {
                        waits.remove(&later);
                        ready.push(Reverse((rank(&later), later)));
                    }
                }
            }
        }
    }
}

type Rank = (Step, u16);

/// What is built up last is taken down first.
fn rank((step, id): &Node) -> Rank {
    let place =
        Kind::ALL.iter().position(|kind| *kind == id.kind).and_then(|place| u16::try_from(place).ok());
    let place = place.unwrap_or(u16::MAX);
    (*step, if *step == Step::Drop { u16::MAX - place } else { place })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(step: Step, kind: Kind, name: &str) -> Node {
        (step, ObjectId::new(kind, "public", name))
    }

    fn graph(nodes: &[Node]) -> Graph {
        let mut graph = Graph::default();
        for (step, id) in nodes {
            let statement = DdlStatement {
                sql: format!("{step:?} {id}"),
                object: id.clone(),
                hazards: Vec::new(),
                transactional: true,
            };
            graph.add((*step, id.clone()), vec![statement]);
        }
        graph
    }

    fn order(graph: Graph) -> Vec<String> {
        graph.ordered().into_iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn edges_decide_and_ranks_where_there_are_none() {
        let (view, table, drop) = (
            node(Step::Make, Kind::View, "v"),
            node(Step::Make, Kind::Table, "t"),
            node(Step::Drop, Kind::Table, "old"),
        );
        let mut graph = graph(&[view.clone(), table.clone(), drop.clone()]);
        graph.edge(view, drop);
        assert_eq!(order(graph), ["Make table public.t", "Make view public.v", "Drop table public.old"]);
    }

    #[test]
    fn a_circle_loses_no_statement() {
        let (one, other) = (node(Step::Make, Kind::View, "a"), node(Step::Make, Kind::View, "b"));
        let mut graph = graph(&[one.clone(), other.clone()]);
        graph.edge(one.clone(), other.clone());
        graph.edge(other, one);
        assert_eq!(order(graph), ["Make view public.a", "Make view public.b"]);
    }
}
