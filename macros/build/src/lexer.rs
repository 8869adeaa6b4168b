//! PostgreSQL's tokens, as far as finding the ends of statements needs them.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A keyword or an unquoted identifier.
    Word,
    /// A quoted identifier.
    Quoted,
    /// A string or dollar-quoted string.
    String,
    Number,
    Comment,
    Semicolon,
    Open,
    Close,
    /// Outside quotes only psql knows what to do with it.
    Backslash,
    Symbol,
}

/// A token by its byte range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A quote or comment that the text ends in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unterminated {
    pub(crate) what: &'static str,
    pub(crate) start: usize,
}

/// Cuts a text into tokens; white space is what lies between them.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    unterminated: Option<Unterminated>,
    carriage_return: Option<usize>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, unterminated: None, carriage_return: None }
    }

    /// The quote or comment that never ended, known once the last token was read.
    pub(crate) fn unterminated(&self) -> Option<Unterminated> {
        self.unterminated
    }

    /// The first carriage return outside quotes, known once the last token was read.
    pub(crate) fn carriage_return(&self) -> Option<usize> {
        self.carriage_return
    }

    /// Looks for a carriage return between `start` and here.
    fn note_return(&mut self, start: usize) {
        let found = || self.bytes[start..self.at].iter().position(|&byte| byte == b'\r');
        self.carriage_return = self.carriage_return.or_else(|| Some(start + found()?));
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, matches: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&matches) {
            self.at += 1;
        }
    }

    fn kind(&mut self, first: u8) -> TokenKind {
        match (first, self.peek(1)) {
            (b'-', Some(b'-')) => self.line_comment(),
            (b'/', Some(b'*')) => self.block_comment(),
            (b'\'', _) => self.string(false),
            (b'"', _) => self.quoted_identifier(),
            (b'$', _) => self.dollar(),
            (b';', _) => self.single(TokenKind::Semicolon),
            (b'(', _) => self.single(TokenKind::Open),
            (b')', _) => self.single(TokenKind::Close),
            (b'\\', _) => self.single(TokenKind::Backslash),
            (byte, _) if byte.is_ascii_digit() => self.number(),
            (byte, _) if starts_word(byte) => self.word(),
            _ => self.single(TokenKind::Symbol),
        }
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    /// PostgreSQL ends it at a carriage return as well.
    fn line_comment(&mut self) -> TokenKind {
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
        TokenKind::Comment
    }

    /// Block comments nest, unlike in C.
    fn block_comment(&mut self) -> TokenKind {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => (depth, self.at) = (depth + 1, self.at + 2),
                (Some(b'*'), Some(b'/')) => (depth, self.at) = (depth - 1, self.at + 2),
                (Some(_), _) => self.at += 1,
                (None, _) => {
                    self.unterminated = Some(Unterminated { what: "comment", start });
                    break;
                }
            }
            if depth == 0 {
                break;
            }
        }
        TokenKind::Comment
    }

    /// A string; a doubled quote needs no care, since it reads as two strings without space between.
    fn string(&mut self, escapes: bool) -> TokenKind {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'\\') if escapes => self.at += 2,
                Some(b'\'') if self.peek(1) == Some(b'\'') => self.at += 2,
                Some(b'\'') => {
                    self.at += 1;
                    if !(escapes && self.continues()) {
                        break;
                    }
                }
                Some(_) => self.at += 1,
                None => {
                    self.at = self.bytes.len();
                    self.unterminated = Some(Unterminated { what: "string", start });
                    break;
                }
            }
        }
        TokenKind::String
    }

    /// Whether the string goes on behind a line break, in the same mode as it began; if so, moves inside.
    fn continues(&mut self) -> bool {
        let end = self.at;
        let mut newline = false;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'-'), Some(b'-')) => {
                    self.line_comment();
                }
                (Some(byte), _) if is_space(byte) => {
                    newline |= byte == b'\n' || byte == b'\r';
                    self.at += 1;
                }
                (Some(b'\''), _) if newline => {
                    self.note_return(end);
                    self.at += 1;
                    return true;
                }
                _ => {
                    self.at = end;
                    return false;
                }
            }
        }
    }

    fn quoted_identifier(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        self.skip_while(|byte| byte != b'"');
        if self.peek(0).is_some() {
            self.at += 1;
        } else {
            self.unterminated = Some(Unterminated { what: "quoted identifier", start });
        }
        TokenKind::Quoted
    }

    /// `$1`, `$$ .. $$` or `$tag$ .. $tag$`.
    fn dollar(&mut self) -> TokenKind {
        let start = self.at;
        let rest = &self.text[start + 1..];
        let tag = rest.bytes().take_while(|&byte| continues_word(byte) && byte != b'$').count();
        let is_quote = rest.as_bytes().get(tag) == Some(&b'$')
            && !rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if !is_quote {
            return self.single(TokenKind::Symbol);
        }
        let quote = &self.text[start..start + tag + 2];
        let body = start + quote.len();
        if let Some(length) = self.text[body..].find(quote) {
            self.at = body + length + quote.len();
        } else {
            self.at = self.bytes.len();
            self.unterminated = Some(Unterminated { what: "dollar-quoted string", start });
        }
        TokenKind::String
    }

    fn number(&mut self) -> TokenKind {
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        TokenKind::Number
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        self.skip_while(continues_word);
        let is_escape = self.text[start..self.at].eq_ignore_ascii_case("e");
        if is_escape && self.peek(0) == Some(b'\'') { self.string(true) } else { TokenKind::Word }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let end = self.at;
        self.skip_while(is_space);
        self.note_return(end);
        let start = self.at;
        let first = self.peek(0)?;
        let kind = self.kind(first);
        // A backslash may be the last byte of an unterminated string.
        self.at = self.at.min(self.bytes.len());
        if kind == TokenKind::Comment {
            self.note_return(start);
        }
        Some(Token { kind, start, end: self.at })
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}
