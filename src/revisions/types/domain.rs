//! Domains. The driver takes a domain for a type of its own, and refuses a `String` for a domain over `text`.

use std::borrow::Cow;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type};

use super::generated::Error;

/// The type that the values of a type have on the wire: without domains, its own and its elements'.
pub(super) fn base(ty: &Type) -> Cow<'_, Type> {
    let ty = without_domain(ty);
    match ty.kind() {
        Kind::Array(member) => match base(member) {
            base if *base == *member => Cow::Borrowed(ty),
            base => {
                let kind = Kind::Array(base.into_owned());
                Cow::Owned(Type::new(ty.name().to_owned(), ty.oid(), kind, ty.schema().to_owned()))
            }
        },
        _ => Cow::Borrowed(ty),
    }
}

fn without_domain(mut ty: &Type) -> &Type {
    while let Kind::Domain(inner) = ty.kind() {
        ty = inner;
    }
    ty
}

/// Reads a value of a domain as one of its base type.
#[derive(Debug)]
pub(super) struct SeeThrough<T>(pub(super) T);

impl<'a, T: FromSql<'a>> FromSql<'a> for SeeThrough<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Error> {
        let base = base(ty);
        match homeless(&base, raw) {
            Some(what) => Err(format!("{what} has no home in the type of the column; {LEAVE_OUT}").into()),
            None => T::from_sql(&base, raw).map(Self),
        }
    }

    fn from_sql_null(ty: &Type) -> Result<Self, Error> {
        T::from_sql_null(&base(ty)).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        // A value that the server cannot mean gets its own message, in `from_sql`.
        T::accepts(&base(ty))
    }
}

const LEAVE_OUT: &str = "read the other columns with `context.columns`, or cast this one to text in a query";

/// What a value is that the conversion would refuse without saying why, or change.
fn homeless(ty: &Type, raw: &[u8]) -> Option<&'static str> {
    let is = |number: i64| raw == number.to_be_bytes();
    let is_day = |number: i32| raw == number.to_be_bytes();
    match *ty {
        Type::TIMESTAMP | Type::TIMESTAMPTZ if is(i64::MAX) => Some("infinity"),
        Type::TIMESTAMP | Type::TIMESTAMPTZ if is(i64::MIN) => Some("-infinity"),
        Type::DATE if is_day(i32::MAX) => Some("infinity"),
        Type::DATE if is_day(i32::MIN) => Some("-infinity"),
        Type::TIME if is(24 * 60 * 60 * 1_000_000) => Some("24:00:00"),
        _ => None,
    }
}

/// A parameter that goes into a domain as into its base type.
#[derive(Debug)]
pub(crate) struct Parameter<'a>(pub(crate) &'a (dyn ToSql + Sync));

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        let start = out.len();
        let is_null = self.0.to_sql_checked(&base(ty), out)?;
        // An array says what its elements are, and the server wants to read of the domain there.
        if let (Kind::Array(member), IsNull::No) = (without_domain(ty).kind(), &is_null) {
            let header = out.get_mut(start..).and_then(|array| array.get_mut(8..12));
            header.into_iter().for_each(|place| place.copy_from_slice(&member.oid().to_be_bytes()));
        }
        Ok(is_null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        self.0.encode_format(&base(ty))
    }
}
