use crate::lexer::{Lexer, Token, TokenKind};
use crate::source::{fold, position};
use crate::split::Split;

/// A file of SQL that makes a schema, as `psql` takes it: what `pg_dump` writes, or people do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaFile {
    /// What makes the schema, in order. Rows for `COPY`, and what sets up the database itself or psql's session, is left out.
    pub statements: Vec<SchemaStatement>,
    /// How many statements make a subscription, which no scratch database can have.
    pub subscriptions: usize,
}

/// A statement of a schema file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStatement {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its text, without a semicolon.
    pub text: String,
    /// The role that it makes an owner, where it does nothing else.
    pub owner: Option<String>,
}

/// Why a text is no schema file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}; {advice}")]
#[non_exhaustive]
pub struct SchemaFileError {
    /// The line, from 1.
    pub line: usize,
    /// What is there.
    pub reason: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// Settings of psql's session: another server version may not know them, and none of them is part of a schema.
const SESSION: [&str; 6] = [
    "CLIENT_ENCODING",
    "CLIENT_MIN_MESSAGES",
    "IDLE_IN_TRANSACTION_SESSION_TIMEOUT",
    "LOCK_TIMEOUT",
    "STATEMENT_TIMEOUT",
    "TRANSACTION_TIMEOUT",
];

const ONE_DATABASE: &str = "give the dump of one database: pg_dump --schema-only";

impl SchemaFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// A quote or comment without end; a command of psql that is none of a dump's; what would reach beyond one database:
    /// roles, tablespaces, a second database.
    pub fn read(text: &str) -> Result<Self, SchemaFileError> {
        let text = fold(text.to_owned());
        let psql = Psql::read(&text)?;
        let split = Split::new(&psql.rest);
        if let Some(unterminated) = split.unterminated {
            let reason = format!("a {} without end", unterminated.what);
            return Err(error(&text, unterminated.start, reason, "close it"));
        }
        let mut file = Self::default();
        let mut makes = false;
        let (mut line, mut counted) = (1, 0);
        for statement in &split.statements {
            let start = statement.range.start;
            let words = split.leading(statement, usize::MAX);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match Part::of(&words) {
                Part::Outside(what) => {
                    return Err(error(&text, start, format!("{what} is outside a database"), ONE_DATABASE));
                }
                Part::Subscription => file.subscriptions += 1,
                Part::Database | Part::Session => {}
                Part::Schema { owner } => {
                    makes |= !matches!(words.first(), Some(&("SET" | "SELECT")));
                    if let Some(connect) = psql.connect.filter(|&connect| makes && connect > start) {
                        let reason = "\\connect goes on in another database".to_owned();
                        return Err(error(&text, connect, reason, ONE_DATABASE));
                    }
                    line += text[counted..start].matches('\n').count();
                    counted = start;
                    let text = psql.rest[statement.range.clone()].to_owned();
                    file.statements.push(SchemaStatement { line, text, owner });
                }
            }
        }
        Ok(file)
    }
}

/// What a statement is about.
enum Part {
    Schema {
        owner: Option<String>,
    },
    /// The database itself, which the scratch database stands for, and `public`, which it has.
    Database,
    /// What is no part of a schema.
    Session,
    Subscription,
    Outside(&'static str),
}

impl Part {
    fn of(words: &[&str]) -> Self {
        let has = |pair: [&str; 2]| words.windows(2).any(|words| words == pair);
        match words {
            ["CREATE" | "ALTER" | "DROP", "USER", "MAPPING", ..] => {}
            ["CREATE" | "ALTER" | "DROP", "ROLE" | "USER" | "GROUP", ..] => return Self::Outside("a role"),
            ["GRANT" | "REVOKE", ..] if !words.contains(&"ON") => {
                return Self::Outside("a role's membership");
            }
            ["CREATE" | "ALTER" | "DROP", "TABLESPACE", ..] => return Self::Outside("a tablespace"),
            ["ALTER", "SYSTEM", ..] => return Self::Outside("the server's configuration"),
            ["CREATE" | "ALTER" | "DROP", "SUBSCRIPTION", ..] | ["COMMENT", "ON", "SUBSCRIPTION", ..] => {
                return Self::Subscription;
            }
            ["CREATE" | "ALTER" | "DROP", "DATABASE", ..]
            | ["COMMENT", "ON", "DATABASE", ..]
            | ["CREATE", "SCHEMA", "PUBLIC"] => return Self::Database,
            ["GRANT" | "REVOKE", ..] if has(["ON", "DATABASE"]) => return Self::Database,
            ["SET", name, ..] if SESSION.contains(name) => return Self::Session,
            ["COPY", ..] if has(["FROM", "STDIN"]) => return Self::Session,
            _ => {}
        }
        let owner = match words {
            ["ALTER", ..] => words.windows(2).rposition(|pair| pair == ["OWNER", "TO"]),
            _ => None,
        };
        // A quote within a quoted name begins a token of its own.
        Self::Schema { owner: owner.map(|owner| named(&words[owner + 2..].concat())) }
    }
}

/// A role's name as it is stored; its words stand in upper case.
fn named(word: &str) -> String {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => word.to_lowercase(),
    }
}

/// A text without what only psql understands. Everything else is where it was.
struct Psql {
    rest: String,
    /// Where it goes over to another database.
    connect: Option<usize>,
}

impl Psql {
    fn read(text: &str) -> Result<Self, SchemaFileError> {
        let mut psql = Self { rest: String::with_capacity(text.len()), connect: None };
        let mut from = 0;
        while let Some((at, found)) = next(text, from) {
            let until = match found {
                Found::Command => psql.command(text, at)?,
                Found::Rows => rows(text, at)?,
            };
            psql.rest.push_str(&text[from..at]);
            psql.rest.push_str(&blank(&text[at..until]));
            from = until;
        }
        psql.rest.push_str(&text[from..]);
        Ok(psql)
    }

    /// A backslash command, up to the end of its line.
    fn command(&mut self, text: &str, at: usize) -> Result<usize, SchemaFileError> {
        let until = end_of_line(text, at);
        let line = &text[at..until];
        match line.split_whitespace().next().unwrap_or_default() {
            "\\restrict" | "\\unrestrict" | "\\set" | "\\unset" | "\\echo" | "\\qecho" | "\\warn"
            | "\\pset" | "\\timing" | "\\encoding" => {}
            "\\connect" | "\\c" => self.connect = Some(at),
            command => {
                let reason = format!("{command} is a command of psql");
                return Err(error(
                    text,
                    at,
                    reason,
                    "take it out, or load the file with psql into a database and name that",
                ));
            }
        }
        Ok(until)
    }
}

enum Found {
    /// A backslash outside quotes.
    Command,
    /// The first line behind a `COPY .. FROM stdin`.
    Rows,
}

/// The next place that only psql understands.
fn next(text: &str, from: usize) -> Option<(usize, Found)> {
    let mut statement: Vec<Token> = Vec::new();
    let behind = &text[from..];
    let is = |token: Option<&Token>, word: &str| {
        token.is_some_and(|token| behind[token.start..token.end].eq_ignore_ascii_case(word))
    };
    for token in Lexer::new(behind) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Backslash => return Some((from + token.start, Found::Command)),
            TokenKind::Semicolon => {
                let reads = |pair: &[Token]| is(pair.first(), "from") && is(pair.last(), "stdin");
                if is(statement.first(), "copy") && statement.windows(2).any(reads) {
                    return Some((end_of_line(text, from + token.end), Found::Rows));
                }
                statement.clear();
            }
            _ => statement.push(token),
        }
    }
    None
}

/// Where the rows end that begin behind `at`.
fn rows(text: &str, at: usize) -> Result<usize, SchemaFileError> {
    const END: &str = "\n\\.";
    let mut from = at;
    while let Some(found) = text[from..].find(END) {
        from += found + END.len();
        if text[from..].is_empty() || text[from..].starts_with('\n') {
            return Ok(from);
        }
    }
    Err(error(text, at, "the rows of a COPY do not end".to_owned(), "a line \\. ends them"))
}

fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

/// As many bytes of white space, with the line breaks where they were.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

fn error(text: &str, at: usize, reason: String, advice: &'static str) -> SchemaFileError {
    SchemaFileError { line: position(text, at).0, reason, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(usize, String)> {
        let file = SchemaFile::read(text).unwrap();
        file.statements.into_iter().map(|statement| (statement.line, statement.text)).collect()
    }

    fn refused(text: &str) -> String {
        SchemaFile::read(text).unwrap_err().to_string()
    }

    #[test]
    fn a_dump_is_read_without_its_rows_and_psql_s_commands() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict a'b\n\nSET statement_timeout = 0;\n\
            SET transaction_timeout = 0;\nSET client_encoding = 'UTF8';\n\
            SELECT pg_catalog.set_config('search_path', '', false);\n\n\
            CREATE DATABASE x WITH TEMPLATE = template0;\nALTER DATABASE x OWNER TO me;\n\\connect -reuse-previous=on \"dbname='x'\"\n\
            CREATE SCHEMA public;\nCREATE TABLE public.t (a text DEFAULT '\\.');\nALTER TABLE public.t OWNER TO \"Me \"\"x\";\n\
            COPY public.t (a) FROM stdin;\nit's; $$ \\N\n\\.x\n\\.\n\nCREATE INDEX i ON public.t (a);\n\
            GRANT CONNECT ON DATABASE x TO y;\nGRANT SELECT ON public.t TO y;\n\\unrestrict a'b\n";
        let file = SchemaFile::read(dump).unwrap();
        let owners: Vec<_> = file.statements.iter().filter_map(|statement| statement.owner.clone()).collect();
        assert_eq!(owners, ["Me \"x"]);
        assert_eq!(
            texts(dump),
            [
                (10, "SELECT pg_catalog.set_config('search_path', '', false)".to_owned()),
                (16, "CREATE TABLE public.t (a text DEFAULT '\\.')".to_owned()),
                (17, "ALTER TABLE public.t OWNER TO \"Me \"\"x\"".to_owned()),
                (23, "CREATE INDEX i ON public.t (a)".to_owned()),
                (25, "GRANT SELECT ON public.t TO y".to_owned()),
            ]
        );
    }

    #[test]
    fn routines_and_rows_without_a_last_line_break_stay_whole() {
        let text =
            "create function f() returns int begin atomic select 1; select 2; end;\ncopy t from stdin;\n\\.";
        assert_eq!(texts(text).len(), 1);
        assert_eq!(texts("copy (select 1) to stdout; create table copy (a int)").len(), 2);
    }

    #[test]
    fn what_reaches_beyond_one_database_is_refused() {
        for (text, line, reason) in [
            ("create table t ();\n\\i other.sql\n", 2, "\\i is a command of psql"),
            ("\n\nCREATE ROLE me;", 3, "a role is outside"),
            ("GRANT a TO b;", 1, "a role's membership"),
            ("create tablespace x location '/x'", 1, "a tablespace"),
            ("create table a ();\n\\connect other\n", 2, "another database"),
            ("copy t from stdin;\n1\n2", 1, "do not end"),
            ("select 1;\nselect 'a", 2, "a string without end"),
        ] {
            let message = refused(text);
            assert!(message.starts_with(&format!("line {line}: ")) && message.contains(reason), "{message}");
        }
        assert_eq!(texts("create user mapping for public server s; grant select on t to x").len(), 2);
        assert_eq!(
            SchemaFile::read("create subscription s connection '' publication p").unwrap().subscriptions,
            1
        );
    }
}
