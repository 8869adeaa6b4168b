use std::fmt;
use std::marker::PhantomData;

use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

use super::{ReadError, RowReader, TableRow};

/// A column of the table whose rows are `R`, with values of type `T`: a constant of a table's module in `schema`.
///
/// Displayed quoted, as SQL takes it.
pub struct Column<R, T> {
    quoted: &'static str,
    of: PhantomData<fn() -> (R, T)>,
}

impl<R: TableRow, T> Column<R, T> {
    /// A column, its name quoted.
    #[must_use]
    pub const fn from_baked(quoted: &'static str) -> Self {
        Self { quoted, of: PhantomData }
    }
}

impl<R, T> Column<R, T> {
    /// The name, quoted.
    pub(crate) const fn quoted(self) -> &'static str {
        self.quoted
    }
}

impl<R, T> Clone for Column<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Column<R, T> {}

impl<R, T> fmt::Display for Column<R, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.quoted)
    }
}

impl<R: TableRow, T> fmt::Debug for Column<R, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", R::TABLE, self.quoted)
    }
}

/// Columns of one table that are read together: one [`Column`], or a tuple of up to twelve.
///
/// [`Context::columns`](crate::Context::columns) reads them.
pub trait Columns {
    /// The table's rows.
    type Row: TableRow;
    /// What is read: the value of one column, or a tuple of values.
    type Values;

    /// The names, quoted.
    fn names(&self) -> Vec<&'static str>;

    /// Takes the row of a query that selects these columns.
    ///
    /// # Errors
    /// A value that its column's Rust type has no room for.
    fn read(&self, row: &Row) -> Result<Self::Values, ReadError>;
}

impl<R: TableRow, T: FromSqlOwned> Columns for Column<R, T> {
    type Row = R;
    type Values = T;

    fn names(&self) -> Vec<&'static str> {
        vec![self.quoted]
    }

    fn read(&self, row: &Row) -> Result<T, ReadError> {
        RowReader::new::<R>(row).value(self.quoted)
    }
}

macro_rules! tuple {
    ($($place:tt $value:ident),+) => {
        impl<R: TableRow, $($value: FromSqlOwned),+> Columns for ($(Column<R, $value>,)+) {
            type Row = R;
            type Values = ($($value,)+);

            fn names(&self) -> Vec<&'static str> {
                vec![$(self.$place.quoted),+]
            }

            fn read(&self, row: &Row) -> Result<Self::Values, ReadError> {
                let mut reader = RowReader::new::<R>(row);
                Ok(($(reader.value(self.$place.quoted)?,)+))
            }
        }
    };
}

tuple!(0 A);
tuple!(0 A, 1 B);
tuple!(0 A, 1 B, 2 C);
tuple!(0 A, 1 B, 2 C, 3 D);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K);
tuple!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L);
