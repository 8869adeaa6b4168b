use super::Hit;
use crate::words::Words;

/// What a `DROP` takes along.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let cascades = words.last().is_some_and(|word| word == "CASCADE");
    let mut words = Words::new(words);
    words.eat(&["DROP"]);
    if words.eat(&["OWNED", "BY"]) {
        return words.names().into_iter().map(|role| Hit::of("dropping-owned-objects", role)).collect();
    }
    if words.eat_any(&["ROLE", "USER", "GROUP"]) {
        // Not a user mapping.
        let is_role = !words.starts(&["MAPPING"]);
        let roles = if is_role { words.names() } else { Vec::new() };
        return roles.into_iter().map(|role| Hit::of("dropping-role", role)).collect();
    }
    if !cascades {
        return Vec::new();
    }
    words.eat_any(&["FOREIGN", "MATERIALIZED"]);
    let kind = words.name();
    words.eat(&["CONCURRENTLY"]);
    let names = if kind.is_some() { words.names() } else { Vec::new() };
    names.into_iter().map(|name| Hit::of("dropping-with-cascade", name)).collect()
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn what_goes_along_is_found() {
        for (text, expected) in [
            ("drop owned by u cascade", "dropping-owned-objects u  @drop"),
            ("drop role if exists u, v", "dropping-role u  @drop|dropping-role v  @drop"),
            ("drop user mapping for u server s", ""),
            ("drop type if exists a cascade", "dropping-with-cascade a  @drop"),
            ("drop view a", ""),
            ("create table a (); drop table a cascade", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
