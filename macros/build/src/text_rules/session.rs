use super::Hit;
use crate::words::Words;

/// Settings that take a guard away.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let mut words = Words::new(words);
    words.eat(&["SET"]);
    words.eat_any(&["LOCAL", "SESSION"]);
    let setting = words.name().unwrap_or_default();
    words.eat_any(&["TO", "="]);
    let value = words.rest().first().map_or("", String::as_str).trim_matches('\'');
    let rule = match setting.as_str() {
        "lock_timeout" if is_nothing(value) => "disabling-lock-timeout",
        "session_replication_role" if value.eq_ignore_ascii_case("replica") => "bypassing-triggers",
        _ => return Vec::new(),
    };
    vec![Hit::of(rule, "")]
}

/// `0`, `0s`, `DEFAULT` and what else means no limit at all.
fn is_nothing(value: &str) -> bool {
    let number = value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).trim();
    value == "DEFAULT" || (!number.is_empty() && number.chars().all(|digit| digit == '0' || digit == '.'))
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn guards_that_go_are_found() {
        for (text, expected) in [
            ("set local lock_timeout = 0", "disabling-lock-timeout   @set"),
            ("set lock_timeout to '0s'", "disabling-lock-timeout   @set"),
            ("set lock_timeout to default", "disabling-lock-timeout   @set"),
            ("set lock_timeout = '2s'", ""),
            ("set session session_replication_role = replica", "bypassing-triggers   @set"),
            ("set session_replication_role = 'origin'", ""),
            ("set search_path = ''", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
