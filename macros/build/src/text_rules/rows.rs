use super::Hit;
use crate::words::{Words, outside_parentheses};

/// Rows that are changed or gone without a word about which.
pub(super) fn find(words: &[String]) -> Vec<Hit> {
    let mut words = Words::new(words);
    if words.eat(&["TRUNCATE"]) {
        words.eat(&["TABLE"]);
        return words.names().into_iter().map(|table| Hit::of("truncating-table", table)).collect();
    }
    if words.eat(&["WITH"]) {
        let Some(start) = behind_with(&words) else { return Vec::new() };
        words.go_to(start);
    }
    let start = words.at();
    let rule = if words.eat(&["UPDATE"]) {
        "update-without-where"
    } else if words.eat(&["DELETE", "FROM"]) {
        "delete-without-where"
    } else {
        return Vec::new();
    };
    words.eat(&["ONLY"]);
    let Some(table) = words.name() else { return Vec::new() };
    let has_where = outside_parentheses(words.rest()).any(|(_, word)| word == "WHERE");
    // The rows of another table are a choice as well.
    let is_joined = outside_parentheses(words.rest()).any(|(_, word)| word == "FROM" || word == "USING");
    let hit = Hit::of(rule, table).at(start);
    if has_where || is_joined { Vec::new() } else { vec![hit] }
}

/// Where the statement behind a WITH list begins.
fn behind_with(words: &Words<'_>) -> Option<usize> {
    let is_start = |word: &str| matches!(word, "UPDATE" | "DELETE");
    outside_parentheses(words.rest()).find(|(_, word)| is_start(word)).map(|(place, _)| words.at() + place)
}

#[cfg(test)]
mod tests {
    use crate::text_rules::found;

    #[test]
    fn all_rows_are_told_from_some() {
        for (text, expected) in [
            ("update only App.t set a = (select 1 where true)", "update-without-where app.t  @update"),
            ("with x as (select 1 where true) delete from t", "delete-without-where t  @delete"),
            ("delete from t returning *", "delete-without-where t  @delete"),
            ("truncate table only t restart identity", "truncating-table t  @truncate"),
            ("update t set a = 1 where b", ""),
            ("update t set a = u.a from u", ""),
            ("delete from t using u", ""),
            ("with x as (delete from t) select 1", ""),
            ("create table t (); update t set a = 1; delete from t", ""),
            ("delete from t where current of c", ""),
        ] {
            assert_eq!(found(text).join("|"), expected, "{text}");
        }
        assert_eq!(found("truncate a, b").len(), 2);
    }
}
