//! Values of composite types: a count, then for each attribute its type, its length and its bytes.

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Field, FromSql, IsNull, Kind, ToSql, Type};

use super::domain::{Parameter, SeeThrough, split_number};
use super::generated::Error;

/// Whether a type is the composite type of that name, in whichever schema.
#[must_use]
pub fn is_composite(ty: &Type, name: &str) -> bool {
    matches!(ty.kind(), Kind::Composite(_)) && ty.name() == name
}

/// The attributes of one value, by name.
#[derive(Debug)]
pub struct CompositeReader<'a> {
    ty: &'a Type,
    attributes: Vec<(&'a Field, Option<&'a [u8]>)>,
}

impl<'a> CompositeReader<'a> {
    /// Takes a value apart.
    ///
    /// # Errors
    /// Bytes that are no value of the type.
    pub fn new(ty: &'a Type, raw: &'a [u8]) -> Result<Self, Error> {
        let mut rest = raw;
        let fields = fields(ty);
        if usize::try_from(number(&mut rest)?)? != fields.len() {
            return Err(format!("a value of {ty} with another number of attributes").into());
        }
        let mut attributes = Vec::with_capacity(fields.len());
        for field in fields {
            let _type = number(&mut rest)?;
            // A null has length -1.
            let value = match usize::try_from(number(&mut rest)?) {
                Ok(length) => Some(rest.split_off(..length).ok_or(TRUNCATED)?),
                Err(_) => None,
            };
            attributes.push((field, value));
        }
        Ok(Self { ty, attributes })
    }

    /// The value of an attribute.
    ///
    /// # Errors
    /// An attribute that the type does not have, or a value that `T` has no room for.
    pub fn value<T: FromSql<'a>>(&self, attribute: &str) -> Result<T, Error> {
        let missing = || format!("the type {} has no attribute {attribute:?} any more", self.ty);
        let is_meant = |(field, _): &&(&Field, _)| field.name() == attribute;
        let &(field, value) = self.attributes.iter().find(is_meant).ok_or_else(missing)?;
        let ty = field.type_();
        if !<SeeThrough<T> as FromSql<'_>>::accepts(ty) {
            return Err(format!("attribute {attribute:?} of {} is of type {ty} now", self.ty).into());
        }
        SeeThrough::from_sql_nullable(ty, value).map(|SeeThrough(value)| value)
    }
}

/// Writes a value, its attributes in the order of the type.
///
/// # Errors
/// An attribute of the type that was not given: a null in its place would be a loss.
pub fn write_composite(
    ty: &Type,
    values: &[(&str, &(dyn ToSql + Sync))],
    out: &mut BytesMut,
) -> Result<IsNull, Error> {
    let fields = fields(ty);
    out.extend_from_slice(&i32::try_from(fields.len())?.to_be_bytes());
    for field in fields {
        let unknown =
            || format!("the type {ty} has an attribute {:?} that the snapshot does not know", field.name());
        let (_, value) = values.iter().find(|(name, _)| *name == field.name()).ok_or_else(unknown)?;
        out.extend_from_slice(&field.type_().oid().to_be_bytes());
        let start = out.len();
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        if let IsNull::No = Parameter(*value).to_sql(field.type_(), out)? {
            let length = i32::try_from(out.len() - start - 4)?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(IsNull::No)
}

const TRUNCATED: &str = "a composite value that ends early";

fn fields(ty: &Type) -> &[Field] {
    match ty.kind() {
        Kind::Composite(fields) => fields,
        _ => &[],
    }
}

fn number(rest: &mut &[u8]) -> Result<i32, Error> {
    Ok(split_number(rest).ok_or(TRUNCATED)?)
}
