use std::collections::HashMap;

use super::Rename;
use super::dependencies::relation;
use crate::catalog::difference::pairs;
use crate::catalog::{Catalog, Definition, Kind, Object, ObjectId};

type Named<'a> = (&'a ObjectId, &'a Object);

/// Pairs of an object that goes and one that comes that look like one.
pub(super) fn likely(from: &Catalog, to: &Catalog) -> Vec<Rename> {
    let (mut gone, mut new) = (Vec::new(), HashMap::<_, Vec<Named<'_>>>::new());
    for (id, old, current) in pairs(from, to) {
        match (old, current) {
            (Some(object), None) => gone.push((id, object)),
            (None, Some(object)) => new.entry(family(id)).or_default().push((id, object)),
            _ => {}
        }
    }
    let mut likely = tables(from, to, &gone, new.get(&(Kind::Table, "", "")).map_or(&[], Vec::as_slice));
    for (id, object) in gone {
        if !matches!(id.kind, Kind::Column | Kind::Enum | Kind::CompositeType | Kind::Domain) {
            continue;
        }
        let Some(candidates) = new.get_mut(&family(id)) else { continue };
        let same = candidates.iter().position(|(_, candidate)| candidate.definition == object.definition);
        if let Some(place) = same {
            likely.push(Rename { from: id.clone(), to: candidates.swap_remove(place).0.clone() });
        }
    }
    // What is part of a table that goes or comes is not asked about beside it.
    likely.retain(|rename| {
        let stays = |id, one: &Catalog, other: &Catalog| {
            relation(id, one).is_none_or(|table| other.objects.contains_key(&table))
        };
        stays(&rename.from, from, to) && stays(&rename.to, to, from)
    });
    likely.sort();
    likely
}

/// What an object may have been renamed within: a column its table, everything else its kind.
fn family(id: &ObjectId) -> (Kind, &str, &str) {
    if id.kind == Kind::Column { (id.kind, &id.schema, &id.name) } else { (id.kind, "", "") }
}

/// Tables of which two thirds of the columns are the same.
fn tables(from: &Catalog, to: &Catalog, gone: &[Named<'_>], new: &[Named<'_>]) -> Vec<Rename> {
    let mut with: HashMap<Column<'_>, Vec<usize>> = HashMap::new();
    let mut widths = Vec::with_capacity(new.len());
    for (place, (id, _)) in new.iter().enumerate() {
        let columns = columns(to, id);
        widths.push(columns.len());
        columns.into_iter().for_each(|column| with.entry(column).or_default().push(place));
    }
    let mut taken = vec![false; new.len()];
    let mut likely = Vec::new();
    for (id, _) in gone.iter().filter(|(id, _)| id.kind == Kind::Table) {
        let columns = columns(from, id);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for place in columns.iter().filter_map(|column| with.get(column)).flatten() {
            *shared.entry(*place).or_default() += 1;
        }
        let is_alike = |&(place, shared): &(usize, usize)| {
            !taken[place] && shared * 3 >= columns.len().max(widths[place]) * 2
        };
        // The first in the order of their names.
        if let Some((place, _)) = shared.into_iter().filter(is_alike).min() {
            taken[place] = true;
            likely.push(Rename { from: (*id).clone(), to: new[place].0.clone() });
        }
    }
    likely
}

/// A column's name and type.
type Column<'a> = (&'a str, &'a str);

fn columns<'a>(catalog: &'a Catalog, table: &ObjectId) -> Vec<Column<'a>> {
    let columns = catalog.columns(table).into_iter();
    let named = columns.filter_map(|(id, object)| match &object.definition {
        Definition::Column(column) => Some((&*id.part, &*column.data_type)),
        _ => None,
    });
    named.collect()
}
