use std::fmt::Write;

use super::{chip, sides, sign};
use crate::catalog::ddl::{DdlStatement, Hazard};
use crate::catalog::render::Comparison;
use crate::catalog::render::changes::{Change, ChangeKind, FieldChange};
use crate::catalog::render::human::shown;
use crate::catalog::render::page::escaped;
use crate::catalog::{Kind, ObjectId};

impl Comparison<'_> {
    /// One object: what becomes of it, its definition on both sides, and the statements.
    pub(super) fn change_page(&self, page: &mut String, change: &Change, number: usize, open: bool) {
        let hazards = self.hazards_of(change);
        let _ = write!(
            page,
            "<details class=\"change\" id=\"o{number}\" data-change=\"{kind}\"{dangerous} data-name=\"{name}\"{open}>\n\
             <summary><span class=\"sign {kind}\" aria-hidden=\"true\">{sign}</span><span class=\"what\"><span class=\"name\">\
             <code>{name}</code></span> <span class=\"sort\">{sort} {kind}</span></span>",
            kind = change.change.name(),
            dangerous = if hazards.is_empty() { "" } else { " data-hazards" },
            name = escaped(&name(&change.object)),
            // What is of no kind here has its own kind in its name.
            sort = if change.object.kind == Kind::Other { "" } else { change.object.kind.name() },
            sign = sign(change.change),
            open = if open { " open" } else { "" },
        );
        if !hazards.is_empty() {
            let chips: Vec<String> = hazards.into_iter().map(chip).collect();
            let _ = write!(page, "<span class=\"chips\">{}</span>", chips.join(" "));
        }
        page.push_str("</summary>\n<div class=\"body\">\n");
        self.explained(page, change);
        let (before, after) = self.definitions(&change.object);
        // What makes a new object is its definition.
        let shown = if change.change == ChangeKind::Added && !change.statements.is_empty() {
            ""
        } else if before == after {
            fields(page, change);
            ""
        } else {
            sides::sides(page, [self.from.name, self.to.name], [&before, &after]);
            &after
        };
        self.statements(page, change, shown);
        page.push_str("</div>\n</details>\n");
    }

    /// What the two sides do not show by themselves.
    fn explained(&self, page: &mut String, change: &Change) {
        if let Some(old) = &change.renamed_from {
            let _ = writeln!(page, "<p>It was called <code>{}</code>.</p>", escaped(&name(old)));
        }
        for part in &change.parts {
            if let Some(old) = &part.renamed_from {
                let (old, new) = (escaped(&old.part), escaped(&part.object.part));
                let _ = writeln!(
                    page,
                    "<p>The {} <code>{old}</code> becomes <code>{new}</code>.</p>",
                    part.object.kind
                );
            }
        }
        if let Some(reason) = change.change.reason() {
            let _ = writeln!(page, "<p>It {reason}.</p>");
        }
        for one in &self.plan.unexpressed {
            if one.object == change.object || one.object.is_of(&change.object) {
                let (object, reason) = (escaped(&one.object.to_string()), escaped(&one.reason));
                let _ = writeln!(page, "<p class=\"note\">Not in the plan: {object}: {reason}</p>");
            }
        }
    }

    /// The statements; what was shown already is folded.
    fn statements(&self, page: &mut String, change: &Change, shown: &str) {
        if change.statements.is_empty() {
            return;
        }
        page.push_str("<h3>Statements</h3>\n<ol class=\"statements\">\n");
        for &place in &change.statements {
            if let Some(one) = self.plan.statements.get(place) {
                statement(page, one, place + 1, shown);
            }
        }
        page.push_str("</ol>\n");
    }

    fn hazards_of(&self, change: &Change) -> Vec<Hazard> {
        let statements = change.statements.iter().filter_map(|&place| self.plan.statements.get(place));
        let mut hazards: Vec<Hazard> = statements.flat_map(|statement| statement.hazards.clone()).collect();
        hazards.sort_unstable();
        hazards.dedup();
        hazards
    }
}

fn statement(page: &mut String, statement: &DdlStatement, number: usize, shown: &str) {
    let sql = statement.sql.trim_end();
    let text =
        format!("<pre tabindex=\"0\" aria-label=\"Statement {number}\"><code>{};</code></pre>", escaped(sql));
    let _ = write!(page, "<li id=\"s{number}\" value=\"{number}\">");
    match sql.lines().next() {
        Some(first) if sql.contains('\n') && shown.contains(sql) => {
            let first = escaped(first);
            let _ = write!(
                page,
                "<details class=\"again\"><summary><code>{first}</code> … as above</summary>{text}</details>"
            );
        }
        _ => page.push_str(&text),
    }
    if !statement.transactional || !statement.hazards.is_empty() {
        page.push_str("<ul class=\"meanings\">");
        if !statement.transactional {
            page.push_str("<li>runs outside a transaction</li>");
        }
        for hazard in &statement.hazards {
            let _ = write!(page, "<li>{} {}</li>", chip(*hazard), escaped(hazard.meaning()));
        }
        page.push_str("</ul>");
    }
    page.push_str("</li>\n");
}

/// What changes, where no definition shows it.
fn fields(page: &mut String, change: &Change) {
    let of_parts =
        change.parts.iter().flat_map(|part| part.fields.iter().map(|field| (Some(&part.object), field)));
    let all: Vec<(Option<&ObjectId>, &FieldChange)> =
        change.fields.iter().map(|field| (None, field)).chain(of_parts).collect();
    if all.is_empty() {
        return;
    }
    page.push_str("<ul class=\"fields\">\n");
    for (part, FieldChange { name, from, to }) in all {
        let part = part.map(|part| format!("{} ", part.part)).unwrap_or_default();
        let (from, to) = (escaped(&shown(from)), escaped(&shown(to)));
        let _ = writeln!(
            page,
            "<li>{}: <del>{from}</del> → <ins>{to}</ins></li>",
            escaped(&format!("{part}{name}"))
        );
    }
    page.push_str("</ul>\n");
}

/// An object's name without its kind.
pub(super) fn name(object: &ObjectId) -> String {
    let all = object.to_string();
    all.strip_prefix(object.kind.name()).map_or(all.clone(), |name| name.trim_start().to_owned())
}
