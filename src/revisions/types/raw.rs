use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::domain::base;
use super::generated::Error;

/// A value of a type that has no home in Rust, as the server sent it: its type, and its bytes in the server's binary form.
///
/// It can be kept, compared and written back where the same type is wanted. What a revision has to look into is better
/// cast in SQL, to `text` as the simplest.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    ty: Type,
    bytes: Vec<u8>,
}

impl Raw {
    /// The type; of a domain, its base type.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The value in the server's binary form.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<'a> FromSql<'a> for Raw {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Error> {
        Ok(Self { ty: base(ty).into_owned(), bytes: raw.to_vec() })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Raw {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        let wanted = base(ty);
        if *wanted != self.ty {
            let message = format!(
                "a raw value of type {} where {wanted} is wanted: cast the parameter in the statement, as in `$1::{}`",
                self.ty, self.ty
            );
            return Err(message.into());
        }
        out.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
