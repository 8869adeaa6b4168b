use super::{DdlStatement, Hazard};
use crate::catalog::ObjectId;

/// Collects the statements about one object.
#[derive(Debug)]
pub(super) struct Statements<'a> {
    object: &'a ObjectId,
    list: Vec<DdlStatement>,
}

impl<'a> Statements<'a> {
    pub(super) fn about(object: &'a ObjectId) -> Self {
        Self { object, list: Vec::new() }
    }

    pub(super) fn push(&mut self, sql: impl Into<String>) {
        self.push_with(sql, &[]);
    }

    pub(super) fn push_with(&mut self, sql: impl Into<String>, hazards: &[Hazard]) {
        let statement = DdlStatement {
            sql: sql.into(),
            object: self.object.clone(),
            hazards: hazards.to_vec(),
            transactional: true,
        };
        self.list.push(statement);
    }

    /// A statement that must not share a transaction with others.
    pub(super) fn push_alone(&mut self, sql: impl Into<String>, hazards: &[Hazard]) {
        self.push_with(sql, hazards);
        if let Some(last) = self.list.last_mut() {
            last.transactional = false;
        }
    }

    pub(super) fn extend(&mut self, statements: Vec<DdlStatement>) {
        self.list.extend(statements);
    }

    pub(super) fn finish(self) -> Vec<DdlStatement> {
        self.list
    }
}
