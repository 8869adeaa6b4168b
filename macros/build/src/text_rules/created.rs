use super::Hit;
use crate::words::Words;

/// What a `CREATE` does to tables that are there.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let mut words = Words::new(words);
    words.eat(&["CREATE"]);
    words.eat(&["OR", "REPLACE"]);
    words.eat_any(&["CONSTRAINT", "UNLOGGED"]);
    let behind = |words: &mut Words<'_>, rule, word| {
        let name = words.name()?;
        words.skip_behind(word);
        Some(Hit::of(rule, words.name()?).with(name))
    };
    if words.eat(&["TRIGGER"]) {
        return behind(&mut words, "creating-trigger", "ON").into_iter().collect();
    }
    if words.eat(&["RULE"]) {
        return behind(&mut words, "creating-rule", "TO").into_iter().collect();
    }
    if words.eat(&["TABLE"]) { table(&mut words) } else { Vec::new() }
}

fn table(words: &mut Words<'_>) -> Vec<Hit> {
    words.eat(&["IF", "NOT", "EXISTS"]);
    let Some(name) = words.name() else { return Vec::new() };
    if words.eat(&["PARTITION", "OF"]) {
        let parent = words.name();
        return parent.map(|parent| Hit::of("creating-partition", parent).with(name)).into_iter().collect();
    }
    let mut hits: Vec<Hit> = Vec::new();
    while words.skip_behind("REFERENCES") {
        let at = words.at() - 1;
        let Some(referenced) = words.name() else { break };
        if referenced != name && !hits.iter().any(|hit| hit.object == referenced) {
            hits.push(Hit::of("referencing-existing-table", referenced).at(at).with(name.as_str()));
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn tables_that_are_there_are_found() {
        for (text, expected) in [
            (
                "create constraint trigger g after insert on s.t execute function f()",
                "creating-trigger s.t g @create",
            ),
            ("create or replace rule r as on insert to t do nothing", "creating-rule t r @create"),
            ("create table t_1 partition of t default", "creating-partition t t_1 @create"),
            (
                "create table a (b int references s.b, c int references s.b (x), d int references a)",
                "referencing-existing-table s.b a @references",
            ),
            ("create table b (); create table a (b int references b)", ""),
            ("create table t (); create trigger g after insert on t execute function f()", ""),
            ("create temp table a (b int references b)", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
