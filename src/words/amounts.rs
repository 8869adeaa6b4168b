//! Sizes, numbers and lines of reports.

/// `9.1 GB`, in steps of 1,024 as the server's own `pg_size_pretty` has it.
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
pub(crate) fn count(number: u64) -> String {
    match number {
        0..1_000_000 => grouped(number),
        1_000_000..1_000_000_000 => format!("{} million", decimal(u128::from(number) / 100_000)),
        _ => format!("{} billion", decimal(u128::from(number) / 100_000_000)),
    }
}

/// `1 row`, `8,100 rows`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `12 s`, `5 min`, `3 h`, `2 days`.
pub(crate) fn seconds(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A text in one line that moves no cursor and reads as it is written.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() || turns(letter) { ' ' } else { letter }).collect()
}

/// Whether a character changes the direction of a text, which could make it read as another one.
pub(crate) const fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn decimal(tenths: u128) -> String {
    // From a hundred on nobody reads the tenths.
    if tenths >= 1_000 || tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// `8,100`, `52,000,000`.
pub(crate) fn grouped(number: u64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1_000), number % 1_000)
    }
}
