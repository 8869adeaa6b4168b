//! Numbers, hashes and lines as people read them.

#[cfg(feature = "operations")]
mod amounts;

#[cfg(feature = "operations")]
pub(crate) use amounts::{bytes, count, counted, grouped, one_line, seconds, turns};

/// Names of that many at the most; of the rest, how many.
const NAMED: usize = 5;

/// `1 revision is`, `2 revisions are`.
pub(crate) fn revisions_are(number: usize) -> String {
    if number == 1 { "1 revision is".to_owned() } else { format!("{number} revisions are") }
}

/// `once`, `2 times`.
pub(crate) fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// `a`, `a and b`, `a, b and 3 more`.
pub(crate) fn list(names: &[String]) -> String {
    let (named, rest) = names.split_at(names.len().min(NAMED));
    match (named, rest.len()) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([before @ .., last], 0) => format!("{} and {last}", before.join(", ")),
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

/// A hash in lowercase hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_say_them() {
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(8 << 10), "8 kB");
        assert_eq!(bytes((9 << 30) + (100 << 20)), "9.1 GB");
        assert_eq!(bytes((9 << 30) + (110 << 20)), "9.1 GB");
        assert_eq!(bytes(u64::MAX), "16777216 TB");
        assert_eq!(count(8_100), "8,100");
        assert_eq!(count(52_000_000), "52 million");
        assert_eq!(count(1_400_000_000), "1.4 billion");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!((times(1), times(2)), ("once".to_owned(), "2 times".to_owned()));
        assert_eq!(seconds(119), "119 s");
        assert_eq!(seconds(7_200), "2 h");
        assert_eq!(seconds(200_000), "2 days");
    }

    #[test]
    fn hashes_are_two_digits_a_byte() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }

    #[test]
    fn one_line_reads_as_it_is_written() {
        assert_eq!(one_line("a\nb\u{1b}c\u{202e}d\u{2066}é"), "a b c d é");
    }

    #[test]
    fn lists_name_five_at_the_most() {
        let names = |count: usize| vec!["a".to_owned(); count];
        assert_eq!(list(&names(1)), "a");
        assert_eq!(list(&names(3)), "a, a and a");
        assert_eq!(list(&names(7)), "a, a, a, a, a and 2 more");
    }
}
