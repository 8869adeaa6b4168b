use super::Hazard;
use super::sql_type::{Below, Family, SqlType, attributes, labels};
use crate::catalog::Catalog;
use crate::catalog::definition::Attribute;
use crate::catalog::name::quote;

/// What a change of a column's type means for its values.
pub(super) struct TypeChange<'a> {
    catalogs: (&'a Catalog, &'a Catalog),
    from: Below,
    to: Below,
    /// The type itself is another one of the same name.
    is_remade: bool,
}

impl<'a> TypeChange<'a> {
    /// `retype`: the second is, or is made of, another type of the same name.
    pub(super) fn between(from: &str, to: &str, catalogs: (&'a Catalog, &'a Catalog), retype: bool) -> Self {
        let (from, to) = (Below::of(from, catalogs.0), Below::of(to, catalogs.1));
        let is_remade = retype && (!to.is_domain || to.sql.name.contains('.'));
        Self { catalogs, from, to, is_remade }
    }

    /// The expression of the new value, where an assignment is no cast. The length of the new type is left to the assignment:
    /// it fails where a string does not fit, and an explicit cast would cut it off.
    pub(super) fn using(&self, column: &str) -> Option<String> {
        if self.is_assignable() {
            return None;
        }
        let (from, to) = (&self.from.sql, &self.to.sql);
        let last = to.unmodified();
        if let Some(row) = self.row_as_text(column) {
            return Some(format!("{row}::{last}"));
        }
        // One value alone is read as the text of an array.
        let array = if from.is_array && to.is_array { "[]" } else { "" };
        let direct = from.family() == Family::Text && !from.is_array
            || matches!((&*from.name, &*to.name), ("boolean", "integer") | ("integer", "boolean"));
        Some(if direct && !self.is_remade {
            format!("{column}::{last}")
        } else {
            format!("{column}::text{array}::{last}")
        })
    }

    pub(super) fn hazards(&self) -> Vec<Hazard> {
        let keeps_bytes = !self.is_remade && self.to.conditions.is_empty() && self.keeps_bytes();
        let mut hazards = if keeps_bytes {
            vec![Hazard::BreaksUsers]
        } else {
            vec![Hazard::RewritesTable, Hazard::BreaksUsers]
        };
        if self.loses() {
            hazards.push(Hazard::DeletesData);
        }
        if !self.fits() {
            hazards.push(Hazard::DependsOnData);
        }
        hazards
    }

    fn is_assignable(&self) -> bool {
        let (from, to) = (&self.from.sql, &self.to.sql);
        let both_are_arrays = from.is_array == to.is_array;
        let to_text = to.family() == Family::Text && (both_are_arrays || !to.is_array);
        let same_family = from.family() == to.family() && to.family() != Family::Other;
        !self.is_remade && (to_text || (both_are_arrays && (from.name == to.name || same_family)))
    }

    /// The row as the text of a row of the new type, where its attributes stand in other places.
    fn row_as_text(&self, value: &str) -> Option<String> {
        let (from, to) = self.rows()?;
        if self.from.sql.is_array || self.is_aligned() {
            return None;
        }
        let attribute = |new: &Attribute| {
            let old = from.iter().find(|old| old.name == new.name)?;
            let value = format!("({value}).{}", quote(&old.name));
            let change = Self::between(&old.data_type, &new.data_type, self.catalogs, true);
            Some(change.row_as_text(&value).unwrap_or(value))
        };
        let values = to.iter().map(|new| attribute(new).unwrap_or_else(|| "NULL".to_owned()));
        let values = values.collect::<Vec<_>>().join(", ");
        Some(format!("CASE WHEN {value} IS DISTINCT FROM NULL THEN ROW({values})::text END"))
    }

    /// The attributes of both, where they are composite types.
    fn rows(&self) -> Option<(&'a [Attribute], &'a [Attribute])> {
        let (from, to) = (&self.from.sql, &self.to.sql);
        let rows = (attributes(&from.name, self.catalogs.0)?, attributes(&to.name, self.catalogs.1)?);
        (from.is_array == to.is_array).then_some(rows)
    }

    /// The changes of those attributes that both have.
    fn of_attributes(&self) -> Option<Vec<TypeChange<'a>>> {
        let (from, to) = self.rows()?;
        let of = |old: &Attribute| {
            let new = to.iter().find(|new| new.name == old.name)?;
            Some(Self::between(&old.data_type, &new.data_type, self.catalogs, true))
        };
        Some(from.iter().filter_map(of).collect())
    }

    /// Whether the attributes of two composite types stand in the same places, inside of them too.
    fn is_aligned(&self) -> bool {
        let names = |row: &[Attribute]| -> Vec<String> {
            row.iter().map(|attribute| attribute.name.clone()).collect()
        };
        self.rows().is_none_or(|(from, to)| names(from) == names(to))
            && self.of_attributes().is_none_or(|changes| changes.iter().all(Self::is_aligned))
    }

    /// Whether every value has its place in the new type.
    fn fits(&self) -> bool {
        let (from, to) = (&self.from.sql, &self.to.sql);
        let asks_more = self.to.conditions.iter().any(|condition| !self.from.conditions.contains(condition));
        if asks_more {
            return false;
        }
        if let Some(changes) = self.of_attributes() {
            return (self.is_aligned() || !from.is_array) && changes.iter().all(Self::fits);
        }
        if let (Some(old), Some(new)) =
            (labels(&from.name, self.catalogs.0), labels(&to.name, self.catalogs.1))
        {
            return from.is_array == to.is_array && old.iter().all(|label| new.contains(label));
        }
        let to_unlimited_text = to.family() == Family::Text && to.modifiers.is_empty() && !to.is_array;
        to_unlimited_text || (from.is_array == to.is_array && widens(from, to) && fits_modifiers(from, to))
    }

    /// Whether a value becomes another one, and nobody hears of it.
    fn loses(&self) -> bool {
        let (from, to) = (&self.from.sql, &self.to.sql);
        if let (Some((old, new)), Some(changes)) = (self.rows(), self.of_attributes()) {
            let goes = |old: &Attribute| !new.iter().any(|new| new.name == old.name);
            // In an array no row can be taken apart.
            let is_mixed_up = from.is_array && !self.is_aligned();
            return is_mixed_up || old.iter().any(goes) || changes.iter().any(Self::loses);
        }
        let is_cut = matches!(&*to.name, "name" | "\"char\"") && from.name != to.name;
        let families = (from.family(), to.family());
        let is_narrower =
            families.0 == families.1 && matches!(families.0, Family::Number | Family::Time | Family::Clock);
        is_cut
            || families == (Family::Time, Family::Clock)
            || (families.0 == Family::Number && to.name == "boolean")
            || (is_narrower && !widens(from, to))
            || rounds(from, to)
    }

    /// Whether the values stay as they are on disk.
    fn keeps_bytes(&self) -> bool {
        let (from, to) = (&self.from.sql, &self.to.sql);
        let unlimited = |of: &SqlType| of.modifiers.is_empty();
        if from == to {
            return true;
        }
        if from.is_array || to.is_array {
            return false;
        }
        match (&*from.name, &*to.name) {
            ("character varying" | "text", "text") => true,
            ("text", "character varying") => unlimited(to),
            ("character varying" | "bit varying", _) if from.name == to.name => {
                unlimited(to) || (!unlimited(from) && from.modifiers <= to.modifiers)
            }
            _ => false,
        }
    }
}

/// Whether every value of the first has its equal in the second, lengths aside.
fn widens(from: &SqlType, to: &SqlType) -> bool {
    from.name == to.name
        || (to.family() == Family::Text && to.name != "name")
        || (from.family() == to.family() && matches!(to.family(), Family::Interval | Family::Bits))
        || matches!(
            (&*from.name, &*to.name),
            ("smallint", "integer" | "bigint" | "numeric" | "real" | "double precision")
                | ("integer", "bigint" | "numeric" | "double precision")
                | ("bigint", "numeric")
                | ("real", "double precision")
                | ("date", "timestamp without time zone" | "timestamp with time zone")
                | ("time without time zone", "time with time zone")
        )
}

/// Whether no value of the first is too long for the second.
fn fits_modifiers(from: &SqlType, to: &SqlType) -> bool {
    match (to.family(), &*to.modifiers) {
        (Family::Time | Family::Clock | Family::Interval, _) | (_, []) => true,
        (Family::Number, _) => {
            let digits = |of: &SqlType| match (&*of.name, &*of.modifiers) {
                ("smallint", _) => Some(5),
                ("integer", _) => Some(10),
                ("bigint", _) => Some(19),
                (_, [precision, scale]) => Some(precision - scale),
                _ => None,
            };
            digits(from).is_some_and(|digits_before| digits(to).is_some_and(|digits| digits_before <= digits))
        }
        (Family::Text, [length]) => {
            from.family() == Family::Text && from.modifiers.first().is_some_and(|before| before <= length)
        }
        (Family::Bits, [length]) if to.name == "bit varying" => {
            from.modifiers.first().is_some_and(|before| before <= length)
        }
        _ => from == to,
    }
}

/// Whether the second keeps fewer digits behind the point than the first may have.
fn rounds(from: &SqlType, to: &SqlType) -> bool {
    match (to.family(), &*to.modifiers) {
        (Family::Number, [_, scale]) => match (&*from.name, &*from.modifiers) {
            ("smallint" | "integer" | "bigint", _) => *scale < 0,
            ("numeric", [_, before]) => scale < before,
            _ => true,
        },
        (Family::Interval, _) if from.name != to.name && to.name != "interval" => true,
        (Family::Time | Family::Clock | Family::Interval, [digits]) => {
            let before = match from.modifiers.first() {
                _ if from.name == "date" => 0,
                Some(before) if from.family() == to.family() => *before,
                _ => 6,
            };
            *digits < before
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn nothing() -> Catalog {
        Catalog { server: 150_000, owner: String::new(), history_schema: None, objects: BTreeMap::new() }
    }

    fn using(from: &str, to: &str, retype: bool) -> Option<String> {
        TypeChange::between(from, to, (&nothing(), &nothing()), retype).using("a")
    }

    fn hazards(from: &str, to: &str) -> Vec<Hazard> {
        TypeChange::between(from, to, (&nothing(), &nothing()), false).hazards()
    }

    #[test]
    fn an_expression_stands_only_where_an_assignment_would_not_do() {
        for (from, to, expected) in [
            ("integer", "bigint", None),
            ("character varying(20)", "character varying(10)", None),
            ("text[]", "character varying(10)[]", None),
            ("bit varying", "bit(3)", None),
            ("integer", "text", None),
            ("text", "integer", Some("a::integer")),
            ("text", "bit(3)", Some("a::bit varying")),
            ("text", "numeric(6,1)[]", Some("a::numeric[]")),
            ("public.mood", "public.other", Some("a::text::public.other")),
            ("public.mood[]", "public.other[]", Some("a::text[]::public.other[]")),
            ("integer", "boolean", Some("a::boolean")),
            ("timestamp without time zone", "date", None),
        ] {
            assert_eq!(using(from, to, false).as_deref(), expected, "{from} to {to}");
        }
        let retype = using("public.mood[]", "public.mood[]", true);
        assert_eq!(retype.as_deref(), Some("a::text[]::public.mood[]"));
    }

    #[test]
    fn what_is_rounded_is_lost() {
        for (from, to, loses) in [
            ("numeric", "integer", true),
            ("numeric(10,4)", "numeric(6,1)", true),
            ("numeric(10,1)", "numeric(6,1)", false),
            ("numeric(10,4)[]", "numeric(6,1)[]", true),
            ("integer", "numeric(5,2)", false),
            ("double precision", "numeric(5,2)", true),
            ("interval", "interval(0)", true),
            ("interval(0)", "interval", false),
            ("interval", "interval day to second", true),
            ("timestamp(6) without time zone", "timestamp(0) without time zone", true),
            ("timestamp(0) without time zone", "timestamp(6) without time zone", false),
            ("time without time zone", "time(3) without time zone", true),
            ("timestamp with time zone", "time with time zone", true),
            ("text", "name", true),
            ("integer", "boolean", true),
            ("text", "character varying(10)", false),
            ("bit varying", "bit(3)", false),
        ] {
            assert_eq!(hazards(from, to).contains(&Hazard::DeletesData), loses, "{from} to {to}");
        }
    }

    #[test]
    fn what_may_be_too_long_depends_on_the_rows() {
        for (from, to, depends) in [
            ("character varying(20)", "character varying(10)", true),
            ("text", "character varying(3)", true),
            ("text[]", "character varying(3)[]", true),
            ("integer", "character varying(3)", true),
            ("character varying(3)", "character(5)", false),
            ("bit varying(5)", "bit varying(3)", true),
            ("bit varying(3)", "bit varying(5)", false),
            ("bit(3)", "bit(5)", true),
            ("numeric(10,4)", "numeric(6,1)", true),
            ("numeric(6,1)", "numeric(10,4)", false),
            ("smallint", "numeric(5,0)", false),
            ("interval", "interval(0)", false),
            ("integer[]", "text", false),
            ("text", "text[]", true),
        ] {
            assert_eq!(hazards(from, to).contains(&Hazard::DependsOnData), depends, "{from} to {to}");
        }
        assert_eq!(hazards("character varying(10)", "text"), [Hazard::BreaksUsers]);
        assert_eq!(hazards("integer", "bigint"), [Hazard::RewritesTable, Hazard::BreaksUsers]);
    }
}
