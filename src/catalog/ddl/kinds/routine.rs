use crate::catalog::ObjectId;
use crate::catalog::definition::{Aggregate, Routine};

/// The server's own text replaces a routine of the same arguments and result; what others rely on must not go away.
pub(super) fn can_replace(from: &Routine, to: &Routine) -> bool {
    from.arguments == to.arguments && from.result == to.result && from.defaults <= to.defaults
}

pub(super) fn create_routine(routine: &Routine) -> String {
    routine.definition.trim_end().to_owned()
}

pub(super) fn create_aggregate(id: &ObjectId, aggregate: &Aggregate, replace: bool) -> String {
    let or_replace = if replace { " OR REPLACE" } else { "" };
    format!("CREATE{or_replace} AGGREGATE {} ({})", id.sql(), aggregate.definition)
}
