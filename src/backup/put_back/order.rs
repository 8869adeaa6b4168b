//! Which table comes before which.

/// So many tables in groups, each before those that it refers to; `refers` are pairs of the one and the other. Tables that
/// refer to each other in a circle are one group.
pub(super) fn referring_first(tables: usize, refers: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut search = Search::new(tables);
    for (from, to) in refers {
        search.refers[*from].push(*to);
    }
    for table in 0..tables {
        if search.seen[table].is_none() {
            search.visit(table);
        }
    }
    search.groups.reverse();
    search.groups
}

/// Tarjan's search for strongly connected components, which come out with what they refer to before them.
struct Search {
    refers: Vec<Vec<usize>>,
    /// When each table was first seen.
    seen: Vec<Option<usize>>,
    /// The earliest table that each one reaches.
    reaches: Vec<usize>,
    stack: Vec<usize>,
    is_on_stack: Vec<bool>,
    count: usize,
    groups: Vec<Vec<usize>>,
}

impl Search {
    fn new(tables: usize) -> Self {
        Self {
            refers: vec![Vec::new(); tables],
            seen: vec![None; tables],
            reaches: vec![0; tables],
            stack: Vec::new(),
            is_on_stack: vec![false; tables],
            count: 0,
            groups: Vec::new(),
        }
    }

    fn visit(&mut self, table: usize) {
        let number = self.count;
        self.count += 1;
        (self.seen[table], self.reaches[table]) = (Some(number), number);
        self.stack.push(table);
        self.is_on_stack[table] = true;
        for next in self.refers[table].clone() {
            let reached = match self.seen[next] {
                None => {
                    self.visit(next);
                    self.reaches[next]
                }
                Some(seen) if self.is_on_stack[next] => seen,
                Some(_) => continue,
            };
            self.reaches[table] = self.reaches[table].min(reached);
        }
        if self.reaches[table] == number {
            let start = self.stack.iter().rposition(|member| *member == table).unwrap_or_default();
            let mut group = self.stack.split_off(start);
            group.iter().for_each(|member| self.is_on_stack[*member] = false);
            group.sort_unstable();
            self.groups.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(tables: usize, refers: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let groups = referring_first(tables, refers);
        let mut all: Vec<usize> = groups.iter().flatten().copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..tables).collect::<Vec<_>>());
        let place = |table| groups.iter().position(|group| group.contains(&table));
        assert!(refers.iter().all(|(from, to)| place(*from) <= place(*to)), "{groups:?}");
        groups
    }

    #[test]
    fn what_refers_comes_first() {
        assert_eq!(order(3, &[]).len(), 3);
        assert_eq!(order(3, &[(1, 0), (2, 1), (2, 0)]), [[2], [1], [0]]);
        assert_eq!(order(2, &[(0, 0), (1, 0)]), [[1], [0]]);
    }

    #[test]
    fn a_circle_is_one_group() {
        assert_eq!(order(4, &[(0, 1), (1, 0), (2, 1), (0, 3)]), [vec![2], vec![0, 1], vec![3]]);
        assert_eq!(order(5, &[(0, 1), (1, 2), (2, 0), (3, 4), (4, 3), (2, 3)]), [vec![0, 1, 2], vec![3, 4]]);
    }
}
