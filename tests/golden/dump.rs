//! A schema as `pg_dump` writes it, in a form that can be compared.

use std::collections::BTreeMap;
use std::process::Stdio;

use crate::support::{TestDatabase, find_program};

/// The entries of a dump under their headings. The order of entries, of a table's columns and of grants says nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dump(BTreeMap<String, Vec<String>>);

impl Dump {
    /// None where there is no `pg_dump`.
    pub(super) async fn of(database: &TestDatabase) -> Option<Self> {
        let programs = crate::support::pg_bin();
        let program = find_program("pg_dump", programs.as_deref().as_slice())?;
        let url = database.url();
        let arguments =
            ["--schema-only", "--exclude-schema=hardtack", "--exclude-table=*.refinery_schema_history", &url];
        let mut command = tokio::process::Command::new(program);
        let output = command.args(arguments).stdin(Stdio::null()).output().await.unwrap();
        assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
        Some(Self::parse(&String::from_utf8(output.stdout).unwrap()))
    }

    fn parse(text: &str) -> Self {
        let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in text.split("\n--\n-- Name: ").skip(1) {
            let (heading, body) = entry.split_once("\n--\n").unwrap();
            let body = body.split("\n--\n-- PostgreSQL database dump complete").next().unwrap();
            let is_noise = |line: &&str| {
                line.trim().is_empty()
                    || line.starts_with("SET default_")
                    || line.starts_with("\\restrict")
                    || line.starts_with("\\unrestrict")
            };
            let lines = body
                .lines()
                .filter(|line| !is_noise(line))
                .map(|line| plain_arrays(sorted_options(line.trim_end())));
            entries.entry(heading.to_owned()).or_default().extend(lines);
        }
        for (heading, lines) in &mut entries {
            if heading.contains("Type: STATISTICS;") {
                lines.iter_mut().for_each(|line| *line = sorted_columns(line));
            }
            if ["TABLE;", "FOREIGN TABLE;", "ACL;", "DEFAULT ACL;"]
                .iter()
                .any(|kind| heading.contains(&format!("Type: {kind}")))
            {
                lines.iter_mut().for_each(|line| *line = line.trim_end_matches(',').to_owned());
                lines.sort();
            }
        }
        Self(entries)
    }

    /// Where the other one differs, entry by entry.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let headings = self.0.keys().chain(other.0.keys().filter(|heading| !self.0.contains_key(*heading)));
        let show = |lines: Option<&Vec<String>>| {
            lines.map_or("nothing".to_owned(), |lines| lines.join("\n        "))
        };
        headings
            .filter(|heading| self.0.get(*heading) != other.0.get(*heading))
            .map(|heading| {
                let (expected, found) = (show(self.0.get(heading)), show(other.0.get(heading)));
                format!("{heading}\n      expected\n        {expected}\n      found\n        {found}")
            })
            .collect()
    }
}

/// A cast of an array is deparsed in one way, and once it was read again in another.
fn plain_arrays(line: String) -> String {
    if !line.contains("ARRAY[") {
        return line;
    }
    line.replace("::text[]", "").replace("::text", "").replace(['(', ')'], "")
}

/// The columns of statistics stand in the order of the table's.
fn sorted_columns(line: &str) -> String {
    let Some((head, rest)) = line.split_once(" ON ") else { return line.to_owned() };
    let Some((columns, tail)) = rest.rsplit_once(" FROM ") else { return line.to_owned() };
    let mut columns: Vec<_> = columns.split(", ").collect();
    columns.sort_unstable();
    format!("{head} ON {} FROM {tail}", columns.join(", "))
}

/// The options of a relation stand in the order in which they were set.
fn sorted_options(line: &str) -> String {
    let Some((head, rest)) = line.split_once("WITH (") else { return line.to_owned() };
    let Some((options, tail)) = rest.split_once(')') else { return line.to_owned() };
    let mut options: Vec<_> = options.split(", ").collect();
    options.sort_unstable();
    format!("{head}WITH ({}){tail}", options.join(", "))
}

#[test]
fn what_says_nothing_is_left_out() {
    let one = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n--\n-- Name: t; Type: TABLE; Schema: public; Owner: a\n--\n\nCREATE TABLE public.t (\n    a integer,\n    b text\n);\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n";
    let other =
        one.replace("abc", "def").replace("    a integer,\n    b text\n", "    b text,\n    a integer\n");
    assert_eq!(Dump::parse(one), Dump::parse(&other));
    let third = one.replace("b text", "b text NOT NULL");
    assert_eq!(Dump::parse(one).differences(&Dump::parse(&third)).len(), 1);
}
