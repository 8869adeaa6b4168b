//! What reads a table or a column that is to go, or to get another name.

use crate::db::{quote_identifier, quote_literal, quote_or_null};
use crate::revisions::{Effect, EffectKind, StaticHazard};
use crate::safety::judge::ask::{Answers, Row, take};
use crate::safety::judge::name::part;
use crate::safety::judge::reading::{StepNeeds, Subject};

/// A table or a column that a step takes away from those who read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) table: u32,
    /// Qualified and quoted.
    pub(super) qualified: String,
    pub(super) name: String,
    /// As `pg_class.relkind` has it.
    pub(super) kind: String,
    /// None where the whole table goes.
    pub(super) column: Option<String>,
    pub(super) goes: Goes,
}

/// What becomes of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    /// It goes with what it holds.
    Dropped,
    /// It gets another name.
    Renamed,
    /// It stays, and what it holds goes.
    Emptied,
}

/// Something that reads a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    /// The target's place.
    pub(super) target: usize,
    /// `view order_notes`.
    pub(super) what: String,
    /// Its relation, or that of which it is a part.
    pub(super) relation: Option<u32>,
    /// Its name, where it is a function.
    pub(super) function: Option<String>,
    /// By a name in its text, so that another name of the target breaks it; the others follow a new name by themselves.
    pub(super) by_name: bool,
}

impl Target {
    /// All targets of a plan, each once.
    pub(super) fn all(steps: &[StepNeeds<'_>]) -> Vec<Self> {
        let mut targets = Vec::new();
        for step in steps {
            let of_hazards =
                step.hazards.iter().filter_map(|spot| Self::of_hazard(spot.hazard, spot.subject));
            let of_effects =
                step.effects.iter().filter_map(|(effect, subject)| Self::of_effect(effect, *subject));
            for target in of_hazards.chain(of_effects) {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }

    pub(super) fn of_hazard(hazard: &StaticHazard, subject: Subject<'_>) -> Option<Self> {
        let (whole, goes) = match hazard.rule.as_ref() {
            "ban-drop-column" => (false, Goes::Dropped),
            "renaming-column" => (false, Goes::Renamed),
            "ban-drop-table" | "ban-drop-view" => (true, Goes::Dropped),
            "renaming-table" | "ban-set-schema" => (true, Goes::Renamed),
            "truncating-table" | "delete-without-where" => (true, Goes::Emptied),
            _ => return None,
        };
        Self::new(subject, (!whole).then_some(&hazard.part), goes)
    }

    pub(super) fn of_effect(effect: &Effect, subject: Subject<'_>) -> Option<Self> {
        match effect.kind {
            EffectKind::DropsTable => Self::new(subject, None, Goes::Dropped),
            EffectKind::DropsColumn => Self::new(subject, Some(&effect.part), Goes::Dropped),
            _ => None,
        }
    }

    /// The query that says whether it holds nothing; none where it never does, or only a name goes. A foreign table and a view
    /// may take any time. A sample of all is read because the server does not count it as a scan: what is told of who
    /// reads the table would else be about ourselves.
    pub(super) fn emptiness(&self) -> Option<String> {
        let holds = self.goes != Goes::Renamed && ["r", "p", "m"].contains(&self.kind.as_str());
        let condition = self
            .column
            .as_deref()
            .map_or(String::new(), |column| format!(" where {} is not null", quote_identifier(column)));
        holds.then(|| {
            format!(
                "select not exists (select from {} tablesample system (100){condition} limit 1)",
                self.qualified
            )
        })
    }

    fn new(subject: Subject<'_>, column: Option<&str>, goes: Goes) -> Option<Self> {
        let Subject::There(relation) = subject else { return None };
        let column = match column {
            Some(text) => Some(part(text)?),
            None => None,
        };
        let (qualified, name) = (relation.qualified.clone(), relation.name.clone());
        Some(Self { table: relation.oid, qualified, name, kind: relation.kind.clone(), column, goes })
    }
}

impl Reader {
    /// What depends on the targets, by the server's own account.
    pub(super) fn dependents(targets: &[Target]) -> String {
        format!(
            "with place as ( \
                 select t.place, t.oid::pg_catalog.oid as oid, a.attnum, t.attname is null as whole \
                 from (values {}) t (place, oid, attname) left join pg_catalog.pg_attribute a \
                     on a.attrelid = t.oid::pg_catalog.oid and a.attname = t.attname::pg_catalog.name and not a.attisdropped \
                 where t.attname is null or a.attnum is not null), \
             found as ( \
                 select p.*, d.classid::pg_catalog.regclass::pg_catalog.text as class, d.objid from place p join pg_catalog.pg_depend d \
                     on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = p.oid \
                     and (p.whole or d.refobjsubid = p.attnum)) \
             select place, what, relation, function from ({KINDS}) readers (place, what, relation, function) order by place, what",
            rows(targets)
        )
    }

    /// Functions whose text names the targets. Nothing depends on a text, so only the words tell.
    pub(super) fn texts(targets: &[Target]) -> String {
        format!(
            "select distinct t.place, 'function ' || p.oid::pg_catalog.regprocedure::pg_catalog.text as what, null, p.proname \
             from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang \
             join pg_catalog.pg_namespace n on n.oid = p.pronamespace, \
             (values {}) t (place, oid, table_word, column_word) \
             where l.lanname not in ('c', 'internal') and n.nspname not in ('pg_catalog', 'information_schema', 'hardtack') \
               and (t.column_word is null or p.prosrc ~* t.column_word) \
               and (p.prosrc ~* t.table_word or t.column_word is not null and exists ( \
                   select from pg_catalog.pg_trigger g where g.tgfoid = p.oid and g.tgrelid = t.oid::pg_catalog.oid)) \
             order by t.place, what",
            patterns(targets)
        )
    }

    pub(super) fn read(dependents: &Answers, texts: &Answers) -> Vec<Self> {
        let mut readers = take(dependents, 0, |row| reader(row, false));
        for found in take(texts, 0, |row| reader(row, true)) {
            // A body in SQL's own form is a dependent as well, and follows a new name.
            let is_known =
                readers.iter().any(|known| known.target == found.target && known.what == found.what);
            readers.extend((!is_known).then_some(found));
        }
        readers
    }
}

/// One kind of dependent a line. A table's own policies and triggers go with it, and are no readers of it.
const KINDS: &str = "\
    select f.place, case v.relkind when 'v' then 'view ' when 'm' then 'materialized view ' else 'a rule of ' end \
        || v.oid::pg_catalog.regclass, v.oid, null::pg_catalog.name from found f join pg_catalog.pg_rewrite r on f.class ~ 'pg_rewrite' and r.oid = f.objid \
        join pg_catalog.pg_class v on v.oid = r.ev_class where v.oid <> f.oid \
    union select f.place, 'function ' || p.oid::pg_catalog.regprocedure, null, p.proname from found f \
        join pg_catalog.pg_proc p on f.class ~ 'pg_proc' and p.oid = f.objid \
    union select f.place, pg_catalog.format('policy %I of %s', p.polname, p.polrelid::pg_catalog.regclass), p.polrelid, null from found f \
        join pg_catalog.pg_policy p on f.class ~ 'pg_policy' and p.oid = f.objid and not (f.whole and p.polrelid = f.oid) \
    union select f.place, pg_catalog.format('trigger %I', t.tgname), t.tgrelid, null from found f \
        join pg_catalog.pg_trigger t on f.class ~ 'pg_trigger' and t.oid = f.objid and not f.whole and not t.tgisinternal \
    union select f.place, pg_catalog.format('foreign key %I of %s', c.conname, c.conrelid::pg_catalog.regclass), c.conrelid, null from found f \
        join pg_catalog.pg_constraint c on f.class ~ 'pg_constraint' and c.oid = f.objid and c.contype = 'f' \
            and c.confrelid = f.oid and c.conrelid <> f.oid and c.conparentid = 0 \
    union select f.place, pg_catalog.format('generated column %I', a.attname), a.attrelid, null from found f \
        join pg_catalog.pg_attrdef d on f.class ~ 'pg_attrdef' and d.oid = f.objid and not f.whole and d.adnum <> f.attnum \
        join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum and a.attgenerated <> '' \
    union select f.place, pg_catalog.format('publication %I', p.pubname), null, null from found f \
        join pg_catalog.pg_publication_rel pr on f.class ~ 'pg_publication_rel' and pr.oid = f.objid \
        join pg_catalog.pg_publication p on p.oid = pr.prpubid";

fn rows(targets: &[Target]) -> String {
    let row = |(place, target): (usize, &Target)| {
        let column = quote_or_null(target.column.as_deref());
        format!("({place}, {}, {column})", target.table)
    };
    targets.iter().enumerate().map(row).collect::<Vec<_>>().join(", ")
}

fn patterns(targets: &[Target]) -> String {
    let row = |(place, target): (usize, &Target)| {
        let column = target.column.as_deref().map_or("null".to_owned(), word);
        format!("({place}, {}, {}, {column})", target.table, word(&target.name))
    };
    targets.iter().enumerate().map(row).collect::<Vec<_>>().join(", ")
}

/// A pattern for a name as a word of its own.
fn word(name: &str) -> String {
    let mut pattern = String::from(r"\m");
    for letter in name.chars() {
        if !letter.is_alphanumeric() && letter != '_' {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    quote_literal(&format!(r"{pattern}\M"))
}

fn reader(row: &Row, by_name: bool) -> Option<Reader> {
    let (relation, function) = (row.number(2), row.maybe(3));
    Some(Reader { target: row.number(0)?, what: row.text(1), relation, function, by_name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_whatever_it_holds() {
        assert_eq!(word("note"), r"E'\\mnote\\M'");
        assert_eq!(word("a.b c"), r"E'\\ma\\.b\\ c\\M'");
    }
}
