//! One spelling for what the server writes in two: a text that it deparsed, parsed again, must be the same text.

use crate::catalog::Definition;

/// Puts every deparsed text of a definition into the form that the server keeps.
pub(super) fn settle(definition: &mut Definition) {
    match definition {
        Definition::Constraint(constraint) => text(&mut constraint.definition),
        Definition::Index(index) => text(&mut index.definition),
        Definition::Statistics(statistics) => text(&mut statistics.definition),
        Definition::Rule(rule) => text(&mut rule.definition),
        Definition::Trigger(trigger) => text(&mut trigger.definition),
        Definition::Policy(policy) => {
            [&mut policy.using, &mut policy.check].into_iter().flatten().for_each(text);
        }
        Definition::Column(column) => {
            column.default.iter_mut().for_each(text);
            column.generated.iter_mut().for_each(|generated| text(&mut generated.expression));
        }
        Definition::Domain(domain) => {
            domain.default.iter_mut().for_each(text);
            domain.constraints.iter_mut().for_each(|check| text(&mut check.definition));
        }
        Definition::View(view) | Definition::MaterializedView(view) => {
            text(&mut view.query);
            view.columns.iter_mut().flat_map(|column| &mut column.default).for_each(text);
        }
        // Another body is its author's text.
        Definition::Function(routine) | Definition::Procedure(routine)
            if !routine.definition.contains("AS $") =>
        {
            text(&mut routine.definition);
        }
        _ => {}
    }
}

fn text(text: &mut String) {
    if text.contains(CAST_ARRAY) {
        *text = settled(text);
    }
}

const CAST_ARRAY: &str = "(ARRAY[";

/// `(ARRAY[a, b])::t[]`, which `x IN (..)` over other strings than `text` becomes, is read as `ARRAY[(a)::t, (b)::t]`.
fn settled(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let cast = rest.strip_prefix(CAST_ARRAY).and_then(cast_array);
        if let Some((elements, to, behind)) = cast {
            let elements: Vec<String> =
                elements.iter().map(|element| format!("({})::{to}", settled(element))).collect();
            result += &format!("ARRAY[{}]", elements.join(", "));
            rest = behind;
        } else {
            let length = quoted(rest).unwrap_or(letter.len_utf8());
            result += &rest[..length];
            rest = &rest[length..];
        }
    }
    result
}

/// The elements, the type that each becomes, and what stands behind the whole.
fn cast_array(text: &str) -> Option<(Vec<&str>, &str, &str)> {
    let (mut depth, mut at, mut start) = (0_u32, 0, 0);
    let mut elements = Vec::new();
    loop {
        let letter = text[at..].chars().next()?;
        match letter {
            ']' | ',' if depth == 0 => {
                elements.push(text[start..at].trim());
                start = at + 1;
                if letter == ']' {
                    break;
                }
            }
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += quoted(&text[at..]).unwrap_or(letter.len_utf8());
    }
    let (to, behind) = element_type(text[start..].strip_prefix(")::")?)?;
    // An array of arrays hands the type further down.
    let is_flat = elements.iter().all(|element| !element.is_empty() && !element.starts_with("ARRAY["));
    is_flat.then_some((elements, to, behind))
}

/// The type in front of `[]`, and what stands behind.
fn element_type(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    loop {
        if let Some(behind) = text[at..].strip_prefix("[]") {
            return Some((&text[..at], behind));
        }
        let letter = text[at..].chars().next()?;
        let length = quoted(&text[at..]).unwrap_or(letter.len_utf8());
        if length == letter.len_utf8() && !(letter.is_alphanumeric() || "_. (),$".contains(letter)) {
            return None;
        }
        at += length;
    }
}

/// The length of the literal or quoted name with which a text begins. A doubled quote is two in a row.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '\'' | '"'))?;
    Some(text[1..].find(quote)? + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_of_an_array_is_one_of_its_elements() {
        for (before, after) in [
            (
                "(((st)::text = ANY ((ARRAY['x'::character varying, 'y''],['::character varying])::text[])))",
                "(((st)::text = ANY (ARRAY[('x'::character varying)::text, ('y''],['::character varying)::text])))",
            ),
            (
                "(ARRAY[f(1, 2), a[1]])::public.\"Odd[]\"[]",
                "ARRAY[(f(1, 2))::public.\"Odd[]\", (a[1])::public.\"Odd[]\"]",
            ),
            ("(ARRAY[1])::numeric(5,2)[] || x", "ARRAY[(1)::numeric(5,2)] || x"),
            ("(ARRAY[((ARRAY[1])::bigint[])[1]])::text[]", "ARRAY[((ARRAY[(1)::bigint])[1])::text]"),
        ] {
            assert_eq!(settled(before), after);
            assert_eq!(settled(after), after);
        }
        for same in [
            "(a = '(ARRAY[1])::text[]'::text)",
            "(ARRAY[ARRAY[1, 2]])::bigint[]",
            "(ARRAY[1, 2])",
            "(ARRAY[1, 2])::text",
            "f(ARRAY[1, 2])",
        ] {
            assert_eq!(settled(same), same);
        }
    }
}
