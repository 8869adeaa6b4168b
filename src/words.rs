//! Numbers, hashes and lines as people read them.

/// Names of that many at the most; of the rest, how many.
const NAMED: usize = 5;

/// `9.1 GB`, in steps of 1,024 as the server's own `pg_size_pretty` has it.
#[cfg(feature = "operations")]
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let (mut unit, mut place) = (1024, 0);
    while bytes / unit >= 1024 && place + 1 < UNITS.len() {
        (unit, place) = (unit * 1024, place + 1);
    }
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    format!("{} {}", decimal(tenths), UNITS[place])
}

/// `8,100`, `52 million`, `1.4 billion`.
#[cfg(feature = "operations")]
pub(crate) fn count(number: u64) -> String {
    match number {
        0..1_000_000 => grouped(number),
        1_000_000..1_000_000_000 => format!("{} million", decimal(u128::from(number) / 100_000)),
        _ => format!("{} billion", decimal(u128::from(number) / 100_000_000)),
    }
}

/// `1 row`, `8,100 rows`.
#[cfg(feature = "operations")]
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `1 revision is`, `2 revisions are`.
pub(crate) fn revisions_are(number: usize) -> String {
    if number == 1 { "1 revision is".to_owned() } else { format!("{number} revisions are") }
}

/// `once`, `2 times`.
pub(crate) fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// `12 s`, `5 min`, `3 h`, `2 days`.
#[cfg(feature = "operations")]
pub(crate) fn seconds(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
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

/// A text in one line that moves no cursor and reads as it is written.
#[cfg(feature = "operations")]
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() || turns(letter) { ' ' } else { letter }).collect()
}

/// Whether a character changes the direction of a text, which could make it read as another one.
#[cfg(feature = "operations")]
pub(crate) const fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(feature = "operations")]
fn decimal(tenths: u128) -> String {
    // From a hundred on nobody reads the tenths.
    if tenths >= 1_000 || tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// `8,100`, `52,000,000`.
#[cfg(feature = "operations")]
pub(crate) fn grouped(number: u64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1_000), number % 1_000)
    }
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
