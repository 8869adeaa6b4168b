use super::{Verdict, hazard};
use crate::revisions::{EffectKind, Revision, Step};

/// The version that a binary must know at the least to work behind a revision: what its author says, or its own where it drops
/// or renames what older code may use; none where older code is not concerned.
pub(crate) fn breaks_before(revision: &Revision) -> Option<i64> {
    revision.around.breaks_before.or_else(|| takes_away(revision).then_some(revision.version))
}

/// Whether the text takes something away that code of before may use. That the author accepts the hazard says why it is right to do so, not
/// since when nobody uses it.
fn takes_away(revision: &Revision) -> bool {
    let Step::Sql(script) = &revision.up else { return false };
    let drops = script
        .effects
        .iter()
        .any(|effect| matches!(effect.kind, EffectKind::DropsTable | EffectKind::DropsColumn));
    let breaks = |name: &str| hazard(name).is_some_and(|row| row.verdict == Verdict::BreaksRunningVersion);
    drops || script.hazards.iter().any(|found| breaks(&found.rule))
}

#[cfg(feature = "lint")]
#[cfg(test)]
mod tests {
    use super::*;

    fn breaks(text: &str) -> Option<i64> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("V1__one.sql", "create table accounts (id bigint, email text)");
        write("V1__one.down.sql", "drop table accounts");
        write("V2__two.sql", text);
        write("V2__two.down.sql", "select 1");
        let found = crate::revisions::resolve_leniently(folder.path()).unwrap();
        breaks_before(found.revisions.get(2).unwrap())
    }

    #[test]
    fn what_takes_away_breaks_all_older_code_unless_its_author_knows_better() {
        assert_eq!(breaks("alter table accounts add column name text"), None);
        assert_eq!(breaks("alter table accounts drop column email"), Some(2));
        assert_eq!(breaks("drop table accounts"), Some(2));
        assert_eq!(breaks("alter table accounts rename column email to mail"), Some(2));
        let said = "-- hardtack: breaks-code-before V1\n-- hardtack: allow ban-drop-column \"unused since V1\"\n\
            alter table accounts drop column email";
        assert_eq!(breaks(said), Some(1));
    }
}
