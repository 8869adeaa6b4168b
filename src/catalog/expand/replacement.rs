//! What is asked for: `--new "first_name text not null = EXPRESSION"` and `--old "name = EXPRESSION"`.

use super::ExpandError;

/// A column that comes, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewColumn {
    /// As it is stored, unquoted.
    pub(super) name: String,
    /// As SQL has it.
    pub(super) data_type: String,
    pub(super) not_null: bool,
    /// Over the columns that are there.
    pub(super) expression: String,
}

/// A column that goes, and how the new ones make its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OldColumn {
    /// As it is stored, unquoted.
    pub(super) name: String,
    /// Over the new columns.
    pub(super) expression: String,
}

impl NewColumn {
    pub(super) fn parse(text: &str) -> Result<Self, ExpandError> {
        let form = |reason| ExpandError::Form { option: "--new", text: text.to_owned(), reason };
        let (head, expression) =
            sides(text).ok_or_else(|| form("write `COLUMN TYPE [not null] = EXPRESSION`"))?;
        let (name, rest) = name_and_rest(head).ok_or_else(|| form("write the column's name first"))?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let (words, not_null) = match words.as_slice() {
            [words @ .., not, null]
                if not.eq_ignore_ascii_case("not") && null.eq_ignore_ascii_case("null") =>
            {
                (words, true)
            }
            words => (words, false),
        };
        if words.is_empty() {
            return Err(form("write the column's type behind its name"));
        }
        if words.iter().any(|word| is_more_than_a_type(word)) {
            return Err(form(
                "write a type and no more: a default would make every row look written by the new version; add it in the revision that contracts",
            ));
        }
        Ok(Self { name, data_type: words.join(" "), not_null, expression })
    }
}

impl OldColumn {
    pub(super) fn parse(text: &str) -> Result<Self, ExpandError> {
        let form = |reason| ExpandError::Form { option: "--old", text: text.to_owned(), reason };
        let (head, expression) = sides(text).ok_or_else(|| form("write `COLUMN = EXPRESSION`"))?;
        match name_and_rest(head) {
            Some((name, "")) => Ok(Self { name, expression }),
            _ => Err(form("write one column's name before the `=`")),
        }
    }
}

/// What a name stands for: folded to lower case, unless it is quoted. Also what follows it.
pub(super) fn name_and_rest(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    let Some(quoted) = text.strip_prefix('"') else {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let starts = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        return starts.then(|| (name.to_lowercase(), rest.trim()));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return (!name.is_empty()).then(|| (name, after.trim())),
        }
    }
}

fn sides(text: &str) -> Option<(&str, String)> {
    let (head, expression) = text.split_once('=')?;
    let expression = expression.trim();
    (!expression.is_empty()).then(|| (head, expression.to_owned()))
}

/// Words that begin a further clause of a column. A quoted type may hold them.
fn is_more_than_a_type(word: &str) -> bool {
    let clauses = ["default", "generated", "references", "check", "primary", "unique", "constraint", "null"];
    clauses.iter().any(|clause| word.eq_ignore_ascii_case(clause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_column_is_read() {
        let column =
            NewColumn::parse("First_Name  varchar(20)  NOT null = split_part(name, '=', 1)").unwrap();
        let expected = NewColumn {
            name: "first_name".to_owned(),
            data_type: "varchar(20)".to_owned(),
            not_null: true,
            expression: "split_part(name, '=', 1)".to_owned(),
        };
        assert_eq!(column, expected);
        let odd = NewColumn::parse("\"Größe \"\"x\"\"\" timestamp with time zone = now()").unwrap();
        assert_eq!((&*odd.name, &*odd.data_type), ("Größe \"x\"", "timestamp with time zone"));
        assert!(!odd.not_null);
    }

    #[test]
    fn what_is_no_column_says_why() {
        for (text, reason) in [
            ("a text", "write `COLUMN TYPE"),
            ("a text = ", "write `COLUMN TYPE"),
            ("a = b", "type behind its name"),
            ("a not null = b", "type behind its name"),
            (" = b", "name first"),
            ("\"a text = b", "name first"),
            ("a int default 5 = b", "no more"),
        ] {
            let error = NewColumn::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("nothing was written"), "{text}: {error}");
        }
        for text in ["a", "a text = b", "= b", "a ="] {
            assert!(OldColumn::parse(text).is_err(), "{text}");
        }
    }
}
