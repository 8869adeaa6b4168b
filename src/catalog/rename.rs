use super::ddl::{self, Rename, Renamed};
use super::{Catalog, Kind, ObjectId};

/// Why a text names no rename between two catalogs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rename {text}: {reason}")]
#[non_exhaustive]
pub struct RenameError {
    /// The text.
    pub text: String,
    /// What is wrong with it, and how to write it.
    pub reason: String,
}

impl Rename {
    /// Reads `[kind:]old=new`: `public.accounts=public.users`, `public.accounts.mail=public.accounts.email`. The old name is one
    /// of the first catalog, the new one of the second; what the new one leaves out in front is the old one's. Quoted as
    /// in SQL, a name can hold anything. The kind tells objects of one name apart.
    ///
    /// # Errors
    /// No object of the first catalog has the old name, none of the second of that kind has the new one, or several have.
    pub fn parse(text: &str, from: &Catalog, to: &Catalog) -> Result<Self, RenameError> {
        let failed = |reason: String| RenameError { text: text.to_owned(), reason };
        let form = || failed("write old=new, such as public.accounts.mail=public.accounts.email".to_owned());
        let (kind, names) = split_kind(text);
        let [old, new] = <[&str; 2]>::try_from(split(names, '=')).map_err(|_| form())?;
        let (old, mut new) = (name(old).ok_or_else(form)?, name(new).ok_or_else(form)?);
        if new.len() < old.len() {
            new.splice(0..0, old[..old.len() - new.len()].iter().cloned());
        }
        let pairs = pairs(from, to, kind, &old, &new);
        // What both catalogs have was not renamed, and rules out a table's index of the same name.
        let moved =
            |pair: &&Self| !to.objects.contains_key(&pair.from) && !from.objects.contains_key(&pair.to);
        let moves: Vec<Self> = pairs.iter().filter(moved).cloned().collect();
        match (moves.as_slice(), pairs.as_slice()) {
            ([one], _) | ([], [one]) => Ok(one.clone()),
            ([], []) => Err(failed(absence(from, to, kind, &old, &new))),
            _ => {
                let kinds: Vec<&str> = pairs.iter().map(|pair| pair.from.kind.name()).collect();
                let [first, ..] = kinds.as_slice() else { return Err(form()) };
                Err(failed(format!("{} have that name; say which: {first}:{names}", kinds.join(" and "))))
            }
        }
    }
}

impl Rename {
    /// Reads several. A part of a table that is renamed too may go by the table's new name on either side.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_all(texts: &[String], from: &Catalog, to: &Catalog) -> Result<Vec<Self>, RenameError> {
        let (mut renames, mut failed) = (Vec::new(), Vec::new());
        for text in texts {
            match Self::parse(text, from, to) {
                Ok(rename) => renames.push(rename),
                Err(error) => failed.push((text, error)),
            }
        }
        let tables = renames.clone();
        for (text, error) in failed {
            let Ok(Renamed { catalog, .. }) = ddl::renamed(from, to, &tables) else { return Err(error) };
            let of_table = with_table_renamed(text, &tables);
            let under_new_name =
                Self::parse(of_table.as_deref().unwrap_or(text), &catalog, to).map_err(|_| error)?;
            renames.push(under_new_name.under_old_name(&tables));
        }
        Ok(renames)
    }

    /// The same where the old name is one of the first catalog, also of a table that is renamed itself.
    #[must_use]
    pub fn under_old_name(mut self, renames: &[Self]) -> Self {
        if let Some(table) = renames.iter().find(|table| self.from.is_of(&table.to)) {
            self.from.schema.clone_from(&table.from.schema);
            self.from.name.clone_from(&table.from.name);
        }
        self
    }
}

/// The same rename with the old name of a part under its table's new one; none where the table keeps its name.
fn with_table_renamed(text: &str, tables: &[Rename]) -> Option<String> {
    let (_, names) = split_kind(text);
    let kind = &text[..text.len() - names.len()];
    let [old, new] = <[&str; 2]>::try_from(split(names, '=')).ok()?;
    let [schema, table, part] = <[String; 3]>::try_from(name(old)?).ok()?;
    let renamed = tables.iter().find(|rename| {
        rename.from.kind.is_relation() && rename.from.schema == schema && rename.from.name == table
    })?;
    Some(format!("{kind}{}.{}={new}", renamed.to.relation(), super::name::quote(&part)))
}

/// Every object of the old name with every one of its kind of the new name.
fn pairs(from: &Catalog, to: &Catalog, kind: Option<Kind>, old: &[String], new: &[String]) -> Vec<Rename> {
    let mut pairs = Vec::new();
    for one in named(from, kind, old) {
        for other in named(to, Some(one.kind), new) {
            pairs.push(Rename { from: one.clone(), to: other.clone() });
        }
    }
    pairs
}

fn absence(from: &Catalog, to: &Catalog, kind: Option<Kind>, old: &[String], new: &[String]) -> String {
    let what = kind.map_or("object", Kind::name);
    let (is_old, is_new) = (named(from, kind, old).next(), named(to, kind, new).next());
    match (is_old, is_new) {
        (None, _) => format!("the first side has no {what} {}", old.join(".")),
        (Some(old), None) => format!("{old} is there, but the second side has no {what} {}", new.join(".")),
        (Some(old), Some(new)) => format!("{old} cannot become {new}"),
    }
}

fn named<'a>(
    catalog: &'a Catalog,
    kind: Option<Kind>,
    name: &'a [String],
) -> impl Iterator<Item = &'a ObjectId> {
    let is = move |id: &&ObjectId| kind.is_none_or(|kind| id.kind == kind) && has_name(id, name);
    catalog.objects.keys().filter(is)
}

fn has_name(id: &ObjectId, name: &[String]) -> bool {
    let name: Vec<&str> = name.iter().map(String::as_str).collect();
    let is_routine = matches!(id.kind, Kind::Function | Kind::Procedure | Kind::Aggregate);
    match name.as_slice() {
        [one] => id.schema.is_empty() && id.part.is_empty() && id.name == *one,
        [schema, one] if id.kind == Kind::Index => id.schema == *schema && id.part == *one,
        [schema, one] if is_routine => {
            id.schema == *schema && (id.name == *one || format!("{}({})", id.name, id.part) == *one)
        }
        [schema, one] => id.part.is_empty() && id.schema == *schema && id.name == *one,
        [schema, table, part] => {
            id.kind.is_part() && id.schema == *schema && id.name == *table && id.part == *part
        }
        _ => false,
    }
}

/// The kind in front of a colon, where there is one.
fn split_kind(text: &str) -> (Option<Kind>, &str) {
    let split = text.split_once(':').and_then(|(kind, rest)| Some((Kind::named(kind)?, rest)));
    split.map_or((None, text), |(kind, rest)| (Some(kind), rest))
}

/// The parts of a dotted name as they are stored; none where one is empty or a quote is open.
fn name(text: &str) -> Option<Vec<String>> {
    let stored = |part: &str| {
        let part = part.trim();
        match part.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').map(|name| name.replace("\"\"", "\"")),
            None => Some(part.to_owned()).filter(|name| !name.contains('"')),
        }
        .filter(|name| !name.is_empty())
    };
    split(text, '.').into_iter().map(stored).collect()
}

/// Cuts a text where the character stands outside quotes and parentheses.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut quoted, mut depth, mut start) = (false, 0_usize, 0);
    let mut parts = Vec::new();
    for (place, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if character == at && !quoted && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + at.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Definition, Object};

    fn catalog(objects: &[(Kind, &str, &str, &str)]) -> Catalog {
        let object = |&(kind, schema, name, part): &(Kind, &str, &str, &str)| {
            let definition = Definition::from_json(kind, "{}").unwrap();
            let (owner, comment, grants, depends_on) = (None, None, Vec::new(), Vec::new());
            let object = Object { owner, grants, comment, definition, position: 0, depends_on };
            (ObjectId::part(kind, schema, name, part), object)
        };
        let objects = objects.iter().map(object).collect();
        Catalog { server: 0, owner: String::new(), history_schema: None, objects }
    }

    fn both() -> (Catalog, Catalog) {
        let from = catalog(&[
            (Kind::Schema, "", "app", ""),
            (Kind::Table, "public", "a", ""),
            (Kind::Column, "public", "a", "x"),
            (Kind::Column, "public", "a", "id"),
            (Kind::Constraint, "public", "a", "x"),
            (Kind::Index, "public", "a", "a_x"),
            (Kind::Function, "public", "f", "integer, text"),
            (Kind::Table, "public", "Odd=.\"Name", ""),
            (Kind::Enum, "public", "twin", ""),
            (Kind::Sequence, "public", "twin", ""),
        ]);
        let to = catalog(&[
            (Kind::Schema, "", "application", ""),
            (Kind::Table, "public", "b", ""),
            (Kind::Column, "public", "a", "y"),
            (Kind::Column, "public", "a", "id"),
            (Kind::Index, "public", "a", "a_y"),
            (Kind::Function, "public", "g", "integer, text"),
            (Kind::Enum, "public", "twins", ""),
            (Kind::Sequence, "public", "twins", ""),
        ]);
        (from, to)
    }

    #[test]
    fn names_find_their_objects() {
        let (from, to) = both();
        for (text, kind, flag) in [
            ("public.a=public.b", Kind::Table, "public.a=public.b"),
            ("public.a=b", Kind::Table, "public.a=public.b"),
            ("public.a.x=y", Kind::Column, "public.a.x=public.a.y"),
            ("column:public.a.x=public.a.y", Kind::Column, "public.a.x=public.a.y"),
            ("public.a_x=a_y", Kind::Index, "public.a.a_x=public.a.a_y"),
            ("public.f(integer, text)=g", Kind::Function, "public.f(integer, text)=public.g(integer, text)"),
            ("public.f=g", Kind::Function, "public.f(integer, text)=public.g(integer, text)"),
            ("app=application", Kind::Schema, "app=application"),
            ("public.\"Odd=.\"\"Name\"=b", Kind::Table, "public.\"Odd=.\"\"Name\"=public.b"),
            ("enum:public.twin=twins", Kind::Enum, "public.twin=public.twins"),
        ] {
            let rename = Rename::parse(text, &from, &to).unwrap();
            assert_eq!((rename.from.kind, rename.flag()), (kind, format!("--rename {flag}")), "{text}");
            // What is told can be given back.
            let again = rename.flag().strip_prefix("--rename ").unwrap().to_owned();
            assert_eq!(Rename::parse(&format!("{kind}:{again}"), &from, &to).unwrap(), rename);
        }
    }

    #[test]
    fn what_names_no_rename_is_refused_with_the_reason() {
        let (from, to) = both();
        for (text, reason) in [
            ("public.a", "write old=new"),
            ("a=b=c", "write old=new"),
            ("public..x=y", "write old=new"),
            ("public.nothing=b", "the first side has no object public.nothing"),
            ("public.a.x=z", "column public.a.x is there, but the second side has no object public.a.z"),
            ("view:public.a=b", "the first side has no view public.a"),
            ("public.twin=twins", "enum and sequence have that name; say which: enum:public.twin=twins"),
        ] {
            let error = Rename::parse(text, &from, &to).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
