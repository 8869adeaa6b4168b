//! What the build's text expands to. It is compiled into the application, so it names nothing but `$crate` and `core`.

/// The module of a revision's tables and types.
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($doc:literal $($items:tt)*) => {
        #[doc = $doc]
        #[allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals, uncommon_codepoints)]
        #[allow(unreachable_pub, unused_qualifications, clippy::derive_partial_eq_without_eq, clippy::pub_underscore_fields)]
        pub mod schema {
            $($items)*
        }
    };
}

/// A table or view: each column as field, constant, quoted name, type in PostgreSQL and type in Rust.
#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    ($module:ident $table:literal; $($field:ident $constant:ident $name:literal $doc:literal $type:ty,)*) => {
        #[doc = $table]
        pub mod $module {
            #[doc = concat!("A row of ", $table, ".")]
            #[derive(Clone, Debug, PartialEq)]
            pub struct Row {
                $(#[doc = $doc] pub $field: $type,)*
            }

            $(#[doc = $doc] pub const $constant: $crate::types::Column<Row, $type> =
                $crate::types::Column::from_baked($name);)*

            impl $crate::types::TableRow for Row {
                const TABLE: &'static str = $table;
                const COLUMNS: &'static [&'static str] = &[$($name),*];

                fn from_row(
                    row: &$crate::types::generated::Row,
                ) -> ::core::result::Result<Self, $crate::types::ReadError> {
                    #[allow(unused_mut, unused_variables)]
                    let mut reader = $crate::types::RowReader::new::<Self>(row);
                    ::core::result::Result::Ok(Self { $($field: reader.value($name)?,)* })
                }
            }
        }
    };
}

/// An enum: its name, and each label as variant and text.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum {
    ($enum:ident $name:literal; $($variant:ident $label:literal,)*) => {
        #[doc = concat!("The enum `", $name, "`, its labels in their order.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $(#[doc = concat!("`", $label, "`")] $variant,)*
        }

        impl $enum {
            /// The label.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl ::core::fmt::Display for $enum {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl ::core::str::FromStr for $enum {
            type Err = $crate::types::UnknownLabel;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                match text {
                    $($label => ::core::result::Result::Ok(Self::$variant),)*
                    _ => ::core::result::Result::Err(
                        $crate::types::UnknownLabel { name: $name, label: text.into() }
                    ),
                }
            }
        }

        impl<'a> $crate::types::generated::FromSql<'a> for $enum {
            fn from_sql(
                _: &$crate::types::generated::Type,
                raw: &'a [u8],
            ) -> ::core::result::Result<Self, $crate::types::generated::Error> {
                $crate::types::generated::read_label(raw)
            }

            fn accepts(ty: &$crate::types::generated::Type) -> bool {
                $crate::types::generated::is_enum(ty, $name)
            }
        }

        impl $crate::types::generated::ToSql for $enum {
            fn to_sql(
                &self,
                _: &$crate::types::generated::Type,
                out: &mut $crate::types::generated::BytesMut,
            ) -> ::core::result::Result<$crate::types::generated::IsNull, $crate::types::generated::Error> {
                out.extend_from_slice(self.as_str().as_bytes());
                ::core::result::Result::Ok($crate::types::generated::IsNull::No)
            }

            fn accepts(ty: &$crate::types::generated::Type) -> bool {
                $crate::types::generated::is_enum(ty, $name)
            }

            $crate::types::generated::to_sql_checked!();
        }
    };
}

/// A composite type: its name, and each attribute as field, name, type in PostgreSQL and type in Rust.
#[doc(hidden)]
#[macro_export]
macro_rules! __composite {
    ($struct:ident $name:literal; $($field:ident $attribute:literal $doc:literal $type:ty,)*) => {
        #[doc = concat!("The composite type `", $name, "`.")]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $struct {
            $(#[doc = $doc] pub $field: $type,)*
        }

        impl<'a> $crate::types::generated::FromSql<'a> for $struct {
            fn from_sql(
                ty: &$crate::types::generated::Type,
                raw: &'a [u8],
            ) -> ::core::result::Result<Self, $crate::types::generated::Error> {
                #[allow(unused_variables)]
                let reader = $crate::types::generated::CompositeReader::new(ty, raw)?;
                ::core::result::Result::Ok(Self { $($field: reader.value($attribute)?,)* })
            }

            fn accepts(ty: &$crate::types::generated::Type) -> bool {
                $crate::types::generated::is_composite(ty, $name)
            }
        }

        impl $crate::types::generated::ToSql for $struct {
            fn to_sql(
                &self,
                ty: &$crate::types::generated::Type,
                out: &mut $crate::types::generated::BytesMut,
            ) -> ::core::result::Result<$crate::types::generated::IsNull, $crate::types::generated::Error> {
                $crate::types::generated::write_composite(ty, &[$(($attribute, &self.$field)),*], out)
            }

            fn accepts(ty: &$crate::types::generated::Type) -> bool {
                $crate::types::generated::is_composite(ty, $name)
            }

            $crate::types::generated::to_sql_checked!();
        }
    };
}
