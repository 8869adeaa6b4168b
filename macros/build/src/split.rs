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
