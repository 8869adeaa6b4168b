use std::borrow::Cow;

use crate::finding::{Finding, Level};

/// The text of one file, as it is embedded and hashed, and how messages name the file.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file below the migrations folder, with forward slashes.
    pub(crate) file: String,
    /// The same behind the folder, as the caller named it.
    pub(crate) shown: String,
    pub(crate) text: String,
}

/// A finding that knows its place as an offset into a text only.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) level: Level,
    pub(crate) code: Cow<'static, str>,
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problem {
    pub(crate) fn error(
        code: &'static str,
        offset: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (message, help) = (message.into(), help.into());
        Self { level: Level::Error, code: Cow::Borrowed(code), offset, message, help }
    }
}

impl Source {
    /// Takes a file's bytes: a byte-order mark goes, CRLF becomes LF, so that a checkout on another system
    /// has the same checksum.
    ///
    /// # Errors
    /// A finding where the bytes are not UTF-8.
    pub(crate) fn decode(file: &str, shown: &str, bytes: Vec<u8>) -> Result<Self, Finding> {
        let source = |text: String| Self { file: file.to_owned(), shown: shown.to_owned(), text };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(source(fold(text))),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let readable = String::from_utf8_lossy(&error.as_bytes()[..offset]).into_owned();
                Err(source(readable).finding(Problem::error(
                    "not-utf8",
                    offset,
                    "the file is not UTF-8 from here on",
                    "save the file as UTF-8",
                )))
            }
        }
    }

    pub(crate) fn finding(&self, problem: Problem) -> Finding {
        let (line, column) = position(&self.text, problem.offset);
        Finding {
            level: problem.level,
            code: problem.code,
            file: self.shown.clone(),
            line,
            column,
            message: problem.message,
            help: problem.help,
        }
    }
}

/// Line and column, both from 1, of a byte offset; columns count characters.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

pub(crate) fn fold(text: String) -> String {
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    if text.contains("\r\n") { text.replace("\r\n", "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_and_carriage_returns_go() {
        let source = Source::decode("a", "m/a", b"\xef\xbb\xbfselect\r\n1;\rx".to_vec()).unwrap();
        assert_eq!(source.text, "select\n1;\rx");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("é\nüß;", "é\nüß".len()), (2, 3));
        assert_eq!(position("", 0), (1, 1));
    }
}
