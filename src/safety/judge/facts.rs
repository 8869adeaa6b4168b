use serde::Serialize;

/// A table that a plan touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableFacts {
    /// Its name, qualified.
    pub table: String,
    /// Rows, by the server's estimate; none where it has none.
    pub rows: Option<u64>,
    /// Bytes of the table with its TOAST.
    pub bytes: u64,
    /// Bytes of its indexes.
    pub index_bytes: u64,
}
