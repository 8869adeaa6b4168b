use std::str::FromStr;

use tokio_postgres::types::{Kind, Type};

use super::generated::Error;

/// A text that is no label of an enum, as its snapshot knows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read {label:?} as {name}: the snapshot knows no such label; where another revision added it, cast the column to text"
)]
pub struct UnknownLabel {
    /// The enum.
    pub name: &'static str,
    /// The text.
    pub label: String,
}

/// Whether a type is the enum of that name, in whichever schema.
#[must_use]
pub fn is_enum(ty: &Type, name: &str) -> bool {
    matches!(ty.kind(), Kind::Enum(_)) && ty.name() == name
}

/// Takes a label as the server sends it.
///
/// # Errors
/// A text that is no label.
pub fn read_label<T: FromStr<Err = UnknownLabel>>(raw: &[u8]) -> Result<T, Error> {
    Ok(std::str::from_utf8(raw)?.parse()?)
}
