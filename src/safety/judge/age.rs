use std::time::Duration;

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Reads how old something may be: `90s`, `30min`, `24h` or `7d`, and never zero.
///
/// # Errors
/// What is wrong with the text, and how to write it.
pub fn parse_age(text: &str) -> Result<Duration, String> {
    let malformed = || "write a number above zero and `s`, `min`, `h` or `d`, as in `24h`".to_owned();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(malformed)?;
    let number: u64 = number.parse().map_err(|_| malformed())?;
    let seconds = number.checked_mul(*seconds).filter(|seconds| *seconds > 0).ok_or_else(malformed)?;
    // A century and more is a slip, and would not fit the server's times.
    if seconds > 100 * 366 * 86_400 {
        return Err(malformed());
    }
    Ok(Duration::from_secs(seconds))
}

/// An age as people write it, in its largest unit that leaves nothing over: `24h`, `90min`.
#[must_use]
pub fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    // A day is more readily told from a lock timeout as `24h`.
    let fits =
        |(unit, size): &&(&str, u64)| seconds.is_multiple_of(*size) && (*unit != "d" || seconds > 172_800);
    let (unit, size) = UNITS.iter().find(fits).copied().unwrap_or(("s", 1));
    format!("{}{unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (text, seconds, shown) in [
            ("90s", 90, "90s"),
            ("30min", 1_800, "30min"),
            ("120min", 7_200, "2h"),
            ("24h", 86_400, "24h"),
            ("7d", 604_800, "7d"),
        ] {
            assert_eq!(parse_age(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(age(Duration::from_secs(seconds)), shown);
        }
        for wrong in ["", "24", "h", "0h", "1.5h", "-1h", "24 h", "5m", "99999999d", "99999999999999999999d"]
        {
            assert!(parse_age(wrong).is_err(), "{wrong}");
        }
        assert!(UNITS.iter().all(|(unit, _)| parse_age("").unwrap_err().contains(&format!("`{unit}`"))));
    }
}
