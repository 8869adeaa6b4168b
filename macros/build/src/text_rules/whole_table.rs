use super::Hit;
use crate::words::Words;

/// Commands that work on a whole table, or on all that somebody owns.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let mut words = Words::new(words);
    if words.eat(&["REASSIGN", "OWNED", "BY"]) {
        return words.names().into_iter().map(|role| Hit::of("changing-owner", role)).collect();
    }
    if words.eat(&["REFRESH", "MATERIALIZED", "VIEW"]) {
        let is_concurrent = words.eat(&["CONCURRENTLY"]);
        let view = words.name().filter(|_| !is_concurrent);
        return view.map(|view| Hit::of("refreshing-materialized-view", view)).into_iter().collect();
    }
    if words.eat(&["LOCK"]) {
        words.eat(&["TABLE"]);
        return words.names().into_iter().map(|table| Hit::of("locking-table", table)).collect();
    }
    if words.eat(&["CLUSTER"]) {
        options(&mut words);
        let table = words.name().unwrap_or_default();
        // `CLUSTER index ON table` is its older form.
        let on = if words.eat(&["ON"]) { words.name() } else { None };
        return vec![Hit::of("clustering-table", on.unwrap_or(table))];
    }
    words.eat(&["VACUUM"]);
    let is_full = options(&mut words) | words.eat(&["FULL"]);
    words.eat(&["FREEZE"]);
    words.eat(&["VERBOSE"]);
    words.eat_any(&["ANALYZE", "ANALYSE"]);
    let tables = if words.rest().is_empty() { vec![String::new()] } else { words.names() };
    let tables = tables.into_iter().filter(|_| is_full);
    tables.map(|table| Hit::of("vacuuming-full", table)).collect()
}

/// Takes options in parentheses, and says whether FULL is among them.
fn options(words: &mut Words<'_>) -> bool {
    if !words.eat(&["("]) {
        words.eat(&["VERBOSE"]);
        return false;
    }
    let start = words.rest();
    words.skip_behind(")");
    let options = &start[..start.len() - words.rest().len()];
    let is_off =
        |value: Option<&String>| value.is_some_and(|value| ["FALSE", "OFF", "0"].contains(&value.as_str()));
    options.iter().position(|word| word == "FULL").is_some_and(|place| !is_off(options.get(place + 1)))
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn whole_tables_are_found() {
        for (text, expected) in [
            ("vacuum full verbose t", "vacuuming-full t  @vacuum"),
            ("vacuum (analyze, full) s.t", "vacuuming-full s.t  @vacuum"),
            ("vacuum (full off) t", ""),
            ("vacuum full", "vacuuming-full   @vacuum"),
            ("vacuum analyze t", ""),
            ("cluster verbose t using i", "clustering-table t  @cluster"),
            ("cluster i on t", "clustering-table t  @cluster"),
            ("refresh materialized view m", "refreshing-materialized-view m  @refresh"),
            ("refresh materialized view concurrently m", ""),
            ("create materialized view m as select 1 with no data; refresh materialized view m", ""),
            ("lock table only t in share mode", "locking-table t  @lock"),
            ("reassign owned by a to b", "changing-owner a  @reassign"),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
    }
}
