use std::cell::OnceCell;
use std::ops::Range;

use crate::lexer::{Lexer, Token, TokenKind, Unterminated};

/// A text of SQL, cut into statements.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    text: &'a str,
    /// All tokens but comments and white space.
    tokens: Vec<Token>,
    /// Byte ranges of the comments.
    pub(crate) comments: Vec<Range<usize>>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) unterminated: Option<Unterminated>,
    /// The first carriage return outside quotes.
    pub(crate) carriage_return: Option<usize>,
    /// Made once they are asked for.
    words: OnceCell<Vec<Vec<String>>>,
}

/// A statement: a run of tokens, without its semicolon.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// The byte range, without outer white space and comments.
    pub(crate) range: Range<usize>,
    tokens: Range<usize>,
}

impl<'a> Split<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lexer = Lexer::new(text);
        let (comments, tokens): (Vec<_>, Vec<_>) =
            lexer.by_ref().partition(|token| token.kind == TokenKind::Comment);
        let mut split = Self {
            text,
            tokens,
            comments: comments.into_iter().map(|token| token.start..token.end).collect(),
            statements: Vec::new(),
            unterminated: lexer.unterminated(),
            carriage_return: lexer.carriage_return(),
            words: OnceCell::new(),
        };
        split.statements = split.cut();
        split
    }

    /// The first token that is a backslash outside quotes.
    pub(crate) fn backslash(&self) -> Option<usize> {
        self.tokens.iter().find(|token| token.kind == TokenKind::Backslash).map(|token| token.start)
    }

    /// The first `count` tokens of a statement: words in upper case, everything else as it is written.
    pub(crate) fn leading(&self, statement: &Statement, count: usize) -> Vec<String> {
        self.tokens_of(statement).iter().take(count).map(|token| self.upper(token)).collect()
    }

    /// The words of all statements, each as [`leading`](Self::leading) has them.
    pub(crate) fn words(&self) -> &[Vec<String>] {
        self.words.get_or_init(|| {
            self.statements.iter().map(|statement| self.leading(statement, usize::MAX)).collect()
        })
    }

    /// The place in the text where a statement's word begins.
    pub(crate) fn place_of(&self, statement: &Statement, word: usize) -> usize {
        self.tokens_of(statement).get(word).map_or(statement.range.end, |token| token.start)
    }

    /// The statement's word that holds a place of the text, or else the one before.
    pub(crate) fn word_at(&self, statement: &Statement, place: usize) -> usize {
        self.tokens_of(statement).partition_point(|token| token.start <= place).saturating_sub(1)
    }

    /// The number of the statement that holds a place of the text, or else the one before.
    pub(crate) fn statement_at(&self, place: usize) -> usize {
        self.statements.partition_point(|statement| statement.range.start <= place).saturating_sub(1)
    }

    /// Whether the words appear in the statement one behind the other, outside quotes.
    pub(crate) fn contains(&self, statement: &Statement, words: &[&str]) -> bool {
        let is_run = |run: &[Token]| run.iter().zip(words).all(|(token, word)| self.is(token, word));
        self.tokens_of(statement).windows(words.len()).any(is_run)
    }

    /// Whether only this word, and white space, lies between two places.
    pub(crate) fn is_word(&self, start: usize, end: usize, word: &str) -> bool {
        self.text.get(start..end).is_some_and(|between| between.trim().eq_ignore_ascii_case(word))
    }

    fn tokens_of(&self, statement: &Statement) -> &[Token] {
        &self.tokens[statement.tokens.clone()]
    }

    fn source(&self, token: &Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    fn upper(&self, token: &Token) -> String {
        let source = self.source(token);
        if token.kind == TokenKind::Word { source.to_ascii_uppercase() } else { source.to_owned() }
    }

    fn is(&self, token: &Token, word: &str) -> bool {
        token.kind != TokenKind::Quoted
            && token.kind != TokenKind::String
            && self.source(token).eq_ignore_ascii_case(word)
    }

    fn cut(&self) -> Vec<Statement> {
        let mut statements = Vec::new();
        let (mut first, mut parentheses, mut blocks) = (0, 0_usize, 0_usize);
        for (index, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open => parentheses += 1,
                TokenKind::Close => parentheses = parentheses.saturating_sub(1),
                TokenKind::Semicolon if parentheses == 0 && blocks == 0 => {
                    statements.extend(self.statement(first..index));
                    first = index + 1;
                }
                TokenKind::Word => blocks = self.blocks_after(blocks, first, index),
                _ => {}
            }
        }
        statements.extend(self.statement(first..self.tokens.len()));
        statements
    }

    fn statement(&self, tokens: Range<usize>) -> Option<Statement> {
        let (first, last) = (self.tokens[tokens.clone()].first()?, self.tokens[tokens.clone()].last()?);
        Some(Statement { range: first.start..last.end, tokens })
    }

    /// How many blocks of a routine's `BEGIN ATOMIC` body are open behind the word at `index`.
    ///
    /// `END` also closes a `CASE`; as a label (`AS end`) or behind a dot neither is a keyword.
    fn blocks_after(&self, blocks: usize, first: usize, index: usize) -> usize {
        let word = &self.tokens[index];
        if self.is(word, "BEGIN") {
            let is_body = self.tokens.get(index + 1).is_some_and(|next| self.is(next, "ATOMIC"));
            return blocks + usize::from(is_body && (blocks > 0 || self.is_routine(first)));
        }
        let is_label = || {
            let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
            before.is_some_and(|before| self.is(before, "AS") || self.is(before, "."))
        };
        match blocks {
            0 => 0,
            _ if self.is(word, "CASE") && !is_label() => blocks + 1,
            _ if self.is(word, "END") && !is_label() => blocks - 1,
            _ => blocks,
        }
    }

    fn is_routine(&self, first: usize) -> bool {
        let words: Vec<_> = self.tokens[first..].iter().take(4).map(|token| self.upper(token)).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["CREATE", "FUNCTION" | "PROCEDURE", ..] | ["CREATE", "OR", "REPLACE", "FUNCTION" | "PROCEDURE"]
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statements(text: &str) -> Vec<&str> {
        Split::new(text).statements.into_iter().map(|statement| &text[statement.range]).collect()
    }

    /// Statements that hide semicolons, each without its own.
    const TRICKY: [&str; 19] = [
        "select 1",
        "select ';', 'it''s;', \"a;\"\"b\"",
        "select E'\\';', e'a\\\\', 'no\\'",
        "do $$ begin perform 1; end; $$",
        "do $a$ select $b$ ; $$ ; $b$; $a$",
        "select a$b$c, $1, $2",
        "select /* ; /* ; */ ; */ 1 -- ; '\n + 1",
        "create function f() returns int language sql begin atomic select 1; select case when true then 1 else 2 \
         end; end",
        "create or replace procedure p() begin atomic insert into t values (1); end",
        "create function g() returns int language plpgsql as 'begin return 1; end;'",
        "create rule r as on insert to t do also (insert into u values (1); delete from v)",
        "create table begin_atomic (atomic int, \"begin\" int, \"end\" text)",
        "insert into t values ('ü;', 'größe')",
        "select U&'\\0061;', B'01', X'f'",
        "select 1 as größe_$x",
        "select $ü$ ; $ü$",
        "alter table t add column \"ö;\" text default $$;$$",
        "select 1.5e3, 1_000, a[1:2], b::text",
        "select 5 - -1, 5 /2, 2*-1",
    ];

    #[test]
    fn tricky_statements_stay_whole() {
        for statement in TRICKY {
            assert_eq!(statements(statement), [statement]);
            let pair = format!("{statement};\n-- one;\n{statement} /* two; */ ;;");
            assert_eq!(statements(&pair), [statement, statement]);
        }
        let all = TRICKY.join(";\n");
        assert_eq!(statements(&all), TRICKY);
    }

    /// Squawk does not know this one.
    #[test]
    fn an_escape_string_goes_on_behind_a_line_break() {
        let statement = "select E'a'\n -- between; \n 'b\\';'";
        assert_eq!(statements(&format!("{statement}; select 1")), [statement, "select 1"]);
    }

    #[test]
    fn edges() {
        let nothing: [&str; 0] = [];
        for empty in ["", ";", " ;; \n", "-- only a comment", "/* ; */", "-- ;\n;"] {
            assert_eq!(statements(empty), nothing, "{empty:?}");
        }
        assert_eq!(statements("select 1; -- the end"), ["select 1"]);
        assert_eq!(statements("begin; select case when a then b end; end;").len(), 3);
        assert_eq!(
            statements(
                "create function f() returns int begin atomic select 1 as end, t.case from t; end; select 2"
            )
            .len(),
            2
        );
        assert!(Split::new("select E'\\").unterminated.is_some());
    }

    #[test]
    fn a_carriage_return_ends_a_comment() {
        assert_eq!(statements("-- a\rselect 1 -- b;\r; commit"), ["select 1", "commit"]);
        assert_eq!(statements("select E'a' -- b\r'c;'; commit"), ["select E'a' -- b\r'c;'", "commit"]);
    }

    #[test]
    fn carriage_returns_outside_quotes_are_seen() {
        for (text, place) in [
            ("-- a\rselect 1", Some(4)),
            ("select\r1;\r", Some(6)),
            ("select 1; -- a\r", Some(14)),
            ("/* a\r */", Some(4)),
            ("select E'\r' \r'b'", Some(12)),
            ("select E'\r' \r b", Some(12)),
            ("select 'a\rb', E'\r', \"\r\", $$\r$$, $a$\r$a$", None),
            ("select 1\n", None),
        ] {
            assert_eq!(Split::new(text).carriage_return, place, "{text:?}");
        }
    }

    #[cfg(feature = "sql")]
    #[test]
    fn squawk_cuts_at_the_same_places() {
        use squawk_syntax::ast::AstNode;

        let all = TRICKY.join(";\n") + ";";
        let parsed = squawk_syntax::SourceFile::parse(&all);
        assert_eq!(parsed.errors(), []);
        let theirs: Vec<_> =
            parsed.tree().stmts().map(|statement| statement.syntax().text().to_string()).collect();
        let theirs: Vec<_> = theirs.iter().map(|statement| statement.trim().trim_end_matches(';')).collect();
        assert_eq!(theirs, statements(&all));
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        let pieces = [
            "'", "''", "\"", "$$", "$a$", "$", "$1", ";", "(", ")", "--", "\n", "\r", "/*", "*/", "\\", "E'",
            "e", " ", "begin", "atomic", "end", "case", "create", "function", "as", ".", "ü", "x", "1",
        ];
        prop::sample::select(pieces.to_vec())
    }

    proptest! {
        /// Statements, what lies between them, and nothing else: joined again they are the text.
        #[test]
        fn no_byte_is_lost(pieces in prop::collection::vec(piece(), 0..40)) {
            let text = pieces.concat();
            let split = Split::new(&text);
            let (mut joined, mut end) = (String::new(), 0);
            for Statement { range, .. } in &split.statements {
                prop_assert!(end <= range.start && range.start < range.end);
                let between = Split::new(&text[end..range.start]);
                prop_assert!(between.statements.is_empty() && between.unterminated.is_none());
                joined += &text[end..range.start];
                joined += &text[range.clone()];
                end = range.end;
            }
            prop_assert_eq!(joined + &text[end..], text);
        }

        #[test]
        fn tricky_statements_in_any_order(picked in prop::collection::vec(prop::sample::select(TRICKY.to_vec()), 0..8)) {
            let text = picked.join(" ; -- x\n");
            prop_assert_eq!(statements(&text), picked);
        }
    }
}
