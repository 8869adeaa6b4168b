//! Whether the SQL of a check is what it has to be: exactly one query.

use crate::checks::text_problem;
use crate::checksum::sha256;
use crate::inspection::Question;
use crate::inspector::Inspector;
use crate::source::Problem;
use crate::split::Split;

const HELP: &str = "write one query, such as `select not exists (select from accounts where email is null)`";

/// The query without its semicolon; `offset` is its place in its file.
pub(crate) fn read_query(sql: &str, offset: usize, inspector: &mut Inspector) -> Result<String, Problem> {
    let split = Split::new(sql);
    let at =
        |place: usize, message: String, help: &str| Problem::error("check", offset + place, message, help);
    if let Some(problem) = text_problem(&split) {
        return Err(Problem { offset: offset + problem.offset, ..problem });
    }
    let [statement] = split.statements.as_slice() else {
        let place = split.statements.get(1).map_or(0, |second| second.range.start);
        return Err(at(
            place,
            format!("a check is one query, and these are {}", split.statements.len()),
            HELP,
        ));
    };
    let place = statement.range.start;
    let first = split.leading(statement, 1).concat();
    if !["SELECT", "WITH", "VALUES", "TABLE", "("].contains(&&*first) {
        return Err(at(place, format!("a check is a query, and this is `{first}`"), HELP));
    }
    let question = Question { lint: false, transactional: true };
    let inspection = inspector.inspect(sql, &sha256(sql), question);
    if let Some(fault) = inspection.errors.first() {
        let help = "mend the query: PostgreSQL's grammar refuses it";
        return Err(at(fault.offset, fault.message.clone(), help));
    }
    Ok(sql[statement.range.clone()].to_owned())
}
