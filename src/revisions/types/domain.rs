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
        // Nothing but a raw value takes every type, and it takes every value.
        let what = if T::accepts(&Type::VOID) { None } else { homeless(&base, raw) };
        match what {
            Some(what) => Err(format!("{what} has no home in the type of the column; {LEAVE_OUT}").into()),
            None => T::from_sql(&base, raw).map(Self),
        }
    }

    fn from_sql_null(ty: &Type) -> Result<Self, Error> {
        T::from_sql_null(&base(ty)).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        T::accepts(&base(ty))
    }
}

const LEAVE_OUT: &str = "read the other columns with `context.columns`, or cast this one to text in a query";

/// What a value is that the conversion would change, or refuse without saying why.
fn homeless(ty: &Type, raw: &[u8]) -> Option<&'static str> {
    let is = |number: i64| raw == number.to_be_bytes();
    let is_day = |number: i32| raw == number.to_be_bytes();
    match (ty, ty.kind()) {
        (&Type::TIMESTAMP | &Type::TIMESTAMPTZ, _) if is(i64::MAX) => Some("infinity"),
        (&Type::TIMESTAMP | &Type::TIMESTAMPTZ, _) if is(i64::MIN) => Some("-infinity"),
        (&Type::DATE, _) if is_day(i32::MAX) => Some("infinity"),
        (&Type::DATE, _) if is_day(i32::MIN) => Some("-infinity"),
        (&Type::TIME, _) if is(24 * 60 * 60 * 1_000_000) => Some("24:00:00"),
        (_, Kind::Array(member)) => homeless_array(member, raw),
        _ => None,
    }
}

/// Of an array, which is on the wire: the number of dimensions, two more numbers, length and lower bound of each dimension,
/// then each element behind its length.
fn homeless_array(member: &Type, raw: &[u8]) -> Option<&'static str> {
    let mut rest = raw;
    let mut number = || split_number(&mut rest);
    let [dimensions, _flags, _type] = [number()?, number()?, number()?];
    if dimensions > 1 {
        return Some("an array of more than one dimension");
    }
    // An empty array has no dimension.
    let [_length, lower_bound] = [number()?, number()?];
    if lower_bound != 1 {
        return Some("an array that does not begin at 1");
    }
    while let Some(length) = split_number(&mut rest) {
        // A null has length -1.
        let Ok(length) = usize::try_from(length) else { continue };
        let what = homeless(member, rest.split_off(..length)?);
        if what.is_some() {
            return what;
        }
    }
    None
}

/// The number at the start of some bytes, which go on behind it.
pub(super) fn split_number(rest: &mut &[u8]) -> Option<i32> {
    let (bytes, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    Some(i32::from_be_bytes(*bytes))
}

/// A parameter that goes into a domain as into its base type.
#[derive(Debug)]
pub(crate) struct Parameter<'a>(pub(crate) &'a (dyn ToSql + Sync));

/// As the driver takes them.
pub(crate) fn by_reference<'a>(parameters: &'a [Parameter<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync)).collect()
}

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
