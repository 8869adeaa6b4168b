use std::time::Duration;

/// The help for a duration that does not parse.
pub(crate) const DURATION_HELP: &str = "write a number above zero and `ms`, `s` or `min`, as in `2s`";

/// Reads `500ms`, `2s` or `1min`; nothing for zero (which would switch a timeout off) or for more than
/// PostgreSQL's settings hold.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        _ => return None,
    };
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(factor)?;
    let fits = milliseconds > 0 && i32::try_from(milliseconds).is_ok();
    fits.then(|| Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("2s"), Some(Duration::from_secs(2)));
        assert_eq!(parse_duration("1min"), Some(Duration::from_secs(60)));
        for wrong in ["", "2", "s", "0s", "2 s", "-1s", "2h", "99999999min"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
