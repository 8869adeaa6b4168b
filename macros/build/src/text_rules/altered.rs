use super::Hit;
use crate::words::Words;

/// What an `ALTER` does.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let cascades = words.last().is_some_and(|word| word == "CASCADE");
    let mut words = Words::new(words);
    words.eat(&["ALTER"]);
    if words.starts(&["TABLE"]) || words.eat(&["MATERIALIZED"]) || words.starts(&["INDEX"]) {
        return table_changes(&mut words, cascades);
    }
    owner_change(&mut words).into_iter().collect()
}

fn table_changes(words: &mut Words<'_>, cascades: bool) -> Vec<Hit> {
    words.eat_any(&["TABLE", "VIEW", "INDEX"]);
    if words.eat(&["ALL", "IN", "TABLESPACE"]) {
        return vec![Hit::of("changing-tablespace", "")];
    }
    let Some(table) = words.altered_table() else { return Vec::new() };
    let mut hits = Vec::new();
    loop {
        let start = words.at();
        hits.extend(action(words, &table).map(|hit| hit.at(start)));
        if cascades && words.starts(&["DROP"]) {
            hits.push(Hit::of("dropping-with-cascade", &*table).at(start));
        }
        words.go_to(start);
        if !words.skip_to_comma() {
            return hits;
        }
    }
}

fn action(words: &mut Words<'_>, table: &str) -> Option<Hit> {
    let hit = |rule| Some(Hit::of(rule, table));
    if words.eat(&["ADD"]) {
        return addition(words, table);
    }
    if words.eat(&["ATTACH", "PARTITION"]) {
        return hit("attaching-partition").zip(words.name()).map(|(hit, part)| hit.with(part));
    }
    if words.eat(&["OWNER", "TO"]) {
        return hit("changing-owner").zip(words.name()).map(|(hit, role)| hit.with(role));
    }
    if !words.eat(&["SET"]) {
        return None;
    }
    match words.rest().first()?.as_str() {
        "LOGGED" | "UNLOGGED" => hit("changing-persistence"),
        "TABLESPACE" => hit("changing-tablespace"),
        "ACCESS" => hit("changing-access-method"),
        _ => None,
    }
}

/// What is behind `ADD`.
fn addition(words: &mut Words<'_>, table: &str) -> Option<Hit> {
    let action = Words::new(words.action());
    let name = if words.eat(&["CONSTRAINT"]) { words.name()? } else { String::new() };
    if words.starts(&["EXCLUDE"]) {
        return Some(Hit::of("adding-exclusion-constraint", table).with(name));
    }
    words.eat(&["COLUMN"]);
    words.eat(&["IF", "NOT", "EXISTS"]);
    let column = words.name()?;
    let is_serial = words.rest().first().is_some_and(|word| {
        ["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"].contains(&word.as_str())
    });
    // The parser's rules see to a key.
    let is_key = action.has("PRIMARY");
    (is_serial && !is_key).then(|| Hit::of("adding-serial-column", table).with(column))
}

/// `ALTER kind name .. OWNER TO role`, of kinds that are no tables.
fn owner_change(words: &mut Words<'_>) -> Option<Hit> {
    let place = words.rest().windows(2).position(|pair| pair[0] == "OWNER" && pair[1] == "TO")?;
    let start = words.at() + place;
    words.name()?;
    let name = words.altered_table()?;
    words.go_to(start + 2);
    Some(Hit::of("changing-owner", name).at(start).with(words.name()?))
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn actions_are_found_at_their_place() {
        for (text, expected) in [
            ("alter table t add a int, add b bigserial", "adding-serial-column t b @add"),
            ("alter table t add id serial primary key", ""),
            (
                "alter table t add constraint c exclude using gist (a with =)",
                "adding-exclusion-constraint t c @add",
            ),
            ("alter table s.t set unlogged", "changing-persistence s.t  @set"),
            ("alter index i set tablespace x", "changing-tablespace i  @set"),
            ("alter table all in tablespace a set tablespace b", "changing-tablespace   @alter"),
            ("alter table t set access method heap2", "changing-access-method t  @set"),
            ("alter table t attach partition p default", "attaching-partition t p @attach"),
            ("alter materialized view m owner to u", "changing-owner m u @owner"),
            ("alter function f(int) owner to u", "changing-owner f u @owner"),
            ("alter type e rename value 'a' to 'b'", ""),
            ("alter table t drop constraint c cascade", "dropping-with-cascade t  @drop"),
            ("alter table t set (fillfactor = 70), alter a set statistics 100", ""),
            ("create table t (); alter table t set unlogged", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
