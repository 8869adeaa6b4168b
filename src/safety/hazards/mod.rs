//! The rows of the table of hazards, by what they are about.

mod access;
mod columns;
mod constraints;
mod database;
mod indexes;
mod maintenance;
mod objects;
mod partitions;
mod rows;
mod style;

use super::{FoundBy, Hazard, Verdict};

/// All rows.
pub(super) const ALL: &[Hazard] = &joined::<COUNT>();

const GROUPS: &[&[Hazard]] = &[
    columns::ROWS,
    constraints::ROWS,
    indexes::ROWS,
    maintenance::ROWS,
    partitions::ROWS,
    objects::ROWS,
    rows::ROWS,
    access::ROWS,
    style::ROWS,
    database::ROWS,
];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

const fn joined<const N: usize>() -> [Hazard; N] {
    let mut all = [GROUPS[0][0]; N];
    let (mut next, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut row = 0;
        while row < GROUPS[group].len() {
            all[next] = GROUPS[group][row];
            (next, row) = (next + 1, row + 1);
        }
        group += 1;
    }
    all
}

/// A hazard that is found in the text.
const fn text(name: &'static str, verdict: Verdict, danger: &'static str, recipe: &'static str) -> Hazard {
    Hazard { name, found: FoundBy::Text, verdict, danger, recipe }
}
