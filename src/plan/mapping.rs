use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::matching::Index;
use super::{MappingError, MappingProblem};
use crate::history::History;
use crate::history::foreign::{ForeignRow, ForeignState};
use crate::revisions::{Kind, Revision, RevisionSet};

/// What the rows of another tool's history come to in a set of revisions.
#[derive(Clone, Debug)]
pub struct Mapping<'a> {
    /// The rows, in the tool's order.
    pub rows: Vec<MappedRow>,
    /// What they say is applied and our history does not, in order of version.
    pub revisions: Vec<&'a Revision>,
    /// How many revisions our history has already.
    pub recorded: usize,
    /// Revisions that are older than the newest applied one, and in neither history.
    pub gaps: Vec<&'a Revision>,
}

/// What `--map` says: which revision stands for a row, by its id; none where none is needed.
pub type Overrides = BTreeMap<String, Option<i64>>;

/// A row of another tool's history, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MappedRow {
    /// What the tool calls the migration.
    pub id: String,
    /// The name, where the tool keeps one.
    pub name: Option<String>,
    /// When it was applied, as the server writes it.
    pub applied_at: Option<String>,
    /// What it comes to.
    #[serde(flatten)]
    pub meaning: Meaning,
}

/// What a row of another tool's history comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "meaning", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Meaning {
    /// A revision is applied.
    Revision {
        /// Its version.
        version: i64,
        /// Its stem.
        stem: String,
        /// Whether everything before it is applied as well.
        and_before: bool,
        /// How it was found.
        by: MatchedBy,
    },
    /// Nothing.
    Nothing {
        /// Why.
        reason: String,
    },
    /// It cannot be told; nothing is taken over while there is such a row.
    Problem {
        /// Why not.
        problem: MappingProblem,
    },
}

/// How a row found its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By version, and by name where both have one.
    Version,
    /// By name alone.
    Name,
    /// As it was told.
    Map,
}

impl<'a> Mapping<'a> {
    /// Maps the rows of `table`: by what `overrides` say, then by version and name, then by name alone.
    pub(crate) fn new(
        revisions: &'a RevisionSet,
        history: &History,
        table: &str,
        rows: &[ForeignRow],
        overrides: &Overrides,
    ) -> Result<Self, MappingError> {
        check(revisions, table, rows, overrides)?;
        let index = Index::new(revisions);
        let mut meanings: Vec<Meaning> = rows.iter().map(|row| index.meaning(row, overrides)).collect();
        refuse_several_heads(rows, &mut meanings);
        give_way(rows, &mut meanings);
        refuse_shared(&mut meanings);
        let taken = taken(revisions, &meanings);
        accept_squashed(revisions, &taken, &mut meanings);
        let gaps = gaps(revisions, history, &taken, &meanings);
        let is_recorded = |version: &i64| history.get(*version).is_some();
        let rows = rows.iter().zip(meanings).map(|(row, meaning)| MappedRow {
            id: row.id.clone(),
            name: row.name.clone(),
            applied_at: row.applied_at.clone(),
            meaning,
        });
        Ok(Self {
            rows: rows.collect(),
            revisions: taken
                .iter()
                .filter(|version| !is_recorded(version))
                .filter_map(|version| revisions.get(*version))
                .collect(),
            recorded: taken.iter().filter(|version| is_recorded(version)).count(),
            gaps,
        })
    }

    /// The rows that cannot be taken over.
    pub fn problems(&self) -> impl Iterator<Item = (&MappedRow, &MappingProblem)> {
        self.rows.iter().filter_map(|row| match &row.meaning {
            Meaning::Problem { problem } => Some((row, problem)),
            _ => None,
        })
    }
}

/// An id or a version in `--map` that does not exist is a slip of the pen.
fn check(
    revisions: &RevisionSet,
    table: &str,
    rows: &[ForeignRow],
    overrides: &Overrides,
) -> Result<(), MappingError> {
    for (id, version) in overrides {
        if !rows.iter().any(|row| row.id == *id) {
            return Err(MappingError::UnknownRow { id: id.clone(), table: table.to_owned() });
        }
        if let Some(version) = version.filter(|version| revisions.get(*version).is_none()) {
            return Err(MappingError::UnknownRevision { id: id.clone(), version });
        }
    }
    Ok(())
}

/// Where a tool keeps the newest alone, several are branches that were never merged: which of our revisions belong to
/// which, only somebody who knows them can say.
fn refuse_several_heads(rows: &[ForeignRow], meanings: &mut [Meaning]) {
    if rows.iter().filter(|row| row.state == ForeignState::Head).count() < 2 {
        return;
    }
    for meaning in meanings {
        if !matches!(meaning, Meaning::Revision { by: MatchedBy::Map, .. } | Meaning::Nothing { .. }) {
            *meaning = MappingProblem::SeveralHeads.into();
        }
    }
}

/// A row that needs no revision leaves it to one that does: a repeatable may be called as a migration is.
fn give_way(rows: &[ForeignRow], meanings: &mut [Meaning]) {
    let needs_one = |row: &ForeignRow| !matches!(row.state, ForeignState::Optional(_));
    let of_others: BTreeSet<i64> = rows
        .iter()
        .zip(&*meanings)
        .filter(|(row, _)| needs_one(row))
        .filter_map(|(_, one)| one.version())
        .collect();
    for (row, meaning) in rows.iter().zip(meanings) {
        match (row.state, &*meaning) {
            (ForeignState::Optional(what), Meaning::Revision { version, stem, by, .. })
                if *by != MatchedBy::Map && of_others.contains(version) =>
            {
                *meaning = nothing(&format!("{what}, and {stem} is another row"));
            }
            _ => {}
        }
    }
}

/// Two rows for one revision are a mistake, unless somebody said so: of revisions that were squashed into one.
fn refuse_shared(meanings: &mut [Meaning]) {
    let mut claims: HashMap<i64, usize> = HashMap::new();
    for version in meanings.iter().filter_map(Meaning::version) {
        *claims.entry(version).or_default() += 1;
    }
    for meaning in meanings {
        match meaning {
            Meaning::Revision { version, stem, and_before: false, by }
                if *by != MatchedBy::Map && claims.get(version).is_some_and(|claims| *claims > 1) =>
            {
                *meaning = MappingProblem::Shared { stem: stem.clone() }.into();
            }
            _ => {}
        }
    }
}

pub(super) fn found(revision: &Revision, and_before: bool, by: MatchedBy) -> Meaning {
    Meaning::Revision { version: revision.version, stem: revision.stem(), and_before, by }
}

pub(super) fn nothing(reason: &str) -> Meaning {
    Meaning::Nothing { reason: reason.to_owned() }
}

fn taken(revisions: &RevisionSet, meanings: &[Meaning]) -> BTreeSet<i64> {
    let mut taken = BTreeSet::new();
    for meaning in meanings {
        match meaning {
            Meaning::Revision { version, and_before: true, .. } => {
                let versions = revisions.iter().map(|revision| revision.version);
                taken.extend(versions.take_while(|before| before <= version));
            }
            Meaning::Revision { version, .. } => {
                taken.insert(*version);
            }
            Meaning::Nothing { .. } | Meaning::Problem { .. } => {}
        }
    }
    taken
}

/// What lies inside a squash needs no revision of its own where the squash as a whole is applied.
fn accept_squashed(revisions: &RevisionSet, taken: &BTreeSet<i64>, meanings: &mut [Meaning]) {
    let whole: Vec<String> = revisions
        .iter()
        .filter(|revision| revision.replaces.is_some() && taken.contains(&revision.version))
        .map(Revision::stem)
        .collect();
    for meaning in meanings {
        match meaning {
            Meaning::Problem { problem: MappingProblem::InsideSquash { stem } } if whole.contains(stem) => {
                *meaning = nothing(&format!("{stem} stands for it"));
            }
            _ => {}
        }
    }
}

/// Whatever a problem is about may be applied, and is no gap before somebody has said so.
fn gaps<'a>(
    revisions: &'a RevisionSet,
    history: &History,
    taken: &BTreeSet<i64>,
    meanings: &[Meaning],
) -> Vec<&'a Revision> {
    let is_applied =
        |revision: &Revision| taken.contains(&revision.version) || history.get(revision.version).is_some();
    let is_doubtful = |revision: &Revision| {
        let stem = revision.stem();
        meanings
            .iter()
            .any(|meaning| matches!(meaning, Meaning::Problem { problem } if problem.stems().contains(&stem)))
    };
    let versioned = || revisions.iter().filter(|revision| revision.kind == Kind::Versioned);
    let newest = versioned().filter(|revision| is_applied(revision)).map(|revision| revision.version).max();
    versioned()
        .filter(|revision| newest.is_some_and(|newest| revision.version < newest))
        .filter(|revision| !is_applied(revision) && !is_doubtful(revision))
        .collect()
}

impl Meaning {
    /// The version of the one revision that it stands for.
    fn version(&self) -> Option<i64> {
        match self {
            Self::Revision { version, and_before: false, .. } => Some(*version),
            _ => None,
        }
    }
}

impl From<MappingProblem> for Meaning {
    fn from(problem: MappingProblem) -> Self {
        Self::Problem { problem }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::Applied;
    use crate::revisions::{Down, Script, Settings, Step, Transaction};

    fn revision(version: i64, name: &str) -> Revision {
        let settings = Settings { transaction: Transaction::PerRevision, lock_timeout: None };
        let script = Script {
            file: "".into(),
            text: "".into(),
            statements: (&[]).into(),
            effects: Vec::new(),
            hazards: Vec::new(),
            settings,
        };
        Revision {
            version,
            kind: Kind::Versioned,
            name: name.to_owned().into(),
            up: Step::Sql(script),
            down: Down::Missing,
            sha256: "".into(),
            checksum: 0,
            around: crate::revisions::Around::default(),
            replaces: None,
        }
    }

    fn set(revisions: &[(i64, &str)]) -> RevisionSet {
        RevisionSet::from_revisions(
            revisions.iter().map(|(version, name)| revision(*version, name)).collect(),
        )
    }

    fn row(id: &str, version: Option<i64>, name: Option<&str>, state: ForeignState) -> ForeignRow {
        let name = name.map(str::to_owned);
        ForeignRow { id: id.to_owned(), version, name, state, applied_at: None, checksum: None }
    }

    fn history(versions: &[i64]) -> History {
        let applied = |version: &i64| Applied {
            version: *version,
            name: String::new(),
            applied_at: String::new(),
            duration: None,
            checksum: String::new(),
        };
        History { exists: true, applied: versions.iter().map(applied).collect(), ..History::default() }
    }

    fn versions(revisions: &[&Revision]) -> Vec<i64> {
        revisions.iter().map(|revision| revision.version).collect()
    }

    fn meaning_of(revisions: &RevisionSet, row: ForeignRow) -> Meaning {
        let mapping = Mapping::new(revisions, &History::default(), "t", &[row], &Overrides::new()).unwrap();
        mapping.rows[0].meaning.clone()
    }

    #[test]
    fn names_are_compared_without_case_separators_and_numbers() {
        let set = set(&[(1, "create_accounts"), (2, "0002_documents")]);
        for (name, version) in [
            ("create accounts", 1),
            ("CreateAccounts", 1),
            ("20240101100000-create-accounts", 1),
            ("documents", 2),
        ] {
            let meaning = meaning_of(&set, row("x", None, Some(name), ForeignState::Applied));
            assert_eq!(meaning, found(set.get(version).unwrap(), false, MatchedBy::Name), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_a_problem() {
        let set = set(&[(1, "accounts"), (2, "documents"), (3, "accounts"), (4, "head_5f7a")]);
        let stems = |stems: &[&str]| stems.iter().map(|stem| (*stem).to_owned()).collect::<Vec<_>>();
        for (version, name, problem) in [
            (
                None,
                Some("accounts"),
                MappingProblem::Ambiguous { stems: stems(&["V1__accounts", "V3__accounts"]) },
            ),
            (
                Some(2),
                Some("head_5f7a"),
                MappingProblem::Ambiguous { stems: stems(&["V2__documents", "V4__head_5f7a"]) },
            ),
            (Some(2), Some("other"), MappingProblem::NamedOtherwise { stem: "V2__documents".to_owned() }),
            (Some(9), None, MappingProblem::Unknown),
            (None, None, MappingProblem::Unknown),
        ] {
            let told = meaning_of(&set, row("9", version, name, ForeignState::Applied));
            assert_eq!(told, problem.into(), "{version:?} {name:?}");
        }
    }

    #[test]
    fn an_id_is_found_at_either_end_of_a_name_unless_it_is_a_number() {
        let set = set(&[(1, "5f7a_accounts"), (2, "documents_9e11"), (3, "phase_4"), (4, "at_5f7b_least")]);
        let of = |id| meaning_of(&set, row(id, None, None, ForeignState::Head));
        assert_eq!(of("5F7A"), found(set.get(1).unwrap(), true, MatchedBy::Name));
        assert_eq!(of("9e11"), found(set.get(2).unwrap(), true, MatchedBy::Name));
        assert_eq!(of("4"), MappingProblem::Unknown.into());
        assert_eq!(of("5f7b"), MappingProblem::Unknown.into());
    }

    #[test]
    fn a_head_takes_everything_before_it_along_and_a_baseline_needs_no_revision_of_its_own() {
        let set = set(&[(1, "one"), (2, "two"), (5, "five")]);
        for (state, version, expected) in [
            (ForeignState::Head, 2, Some(vec![1, 2])),
            (ForeignState::Head, 3, None),
            (ForeignState::Baseline, 4, Some(vec![1, 2])),
            (ForeignState::Baseline, 0, Some(vec![])),
        ] {
            let rows = [row("id", Some(version), None, state)];
            let mapping = Mapping::new(&set, &History::default(), "t", &rows, &Overrides::new()).unwrap();
            let told = mapping.problems().next().is_none().then(|| versions(&mapping.revisions));
            assert_eq!(told, expected, "{state:?} {version}");
        }
    }

    #[test]
    fn a_repeatable_is_the_revision_of_its_name_unless_another_row_is() {
        let set = set(&[(1, "views")]);
        let repeatable = || row("R__views.sql", None, Some("views"), ForeignState::Optional("repeatable"));
        assert_eq!(meaning_of(&set, repeatable()), found(set.get(1).unwrap(), false, MatchedBy::Name));
        let rows = [row("1", Some(1), Some("views"), ForeignState::Applied), repeatable()];
        let mapping = Mapping::new(&set, &History::default(), "t", &rows, &Overrides::new()).unwrap();
        assert_eq!(mapping.rows[1].meaning, nothing("repeatable, and V1__views is another row"));
        assert_eq!((mapping.problems().count(), versions(&mapping.revisions)), (0, vec![1]));
    }

    #[test]
    fn two_rows_for_one_revision_want_to_be_said_so() {
        let set = set(&[(1, "accounts")]);
        let rows = ["a", "b"].map(|id| row(id, None, Some("accounts"), ForeignState::Applied));
        let of = |overrides: &Overrides| {
            let mapping = Mapping::new(&set, &History::default(), "t", &rows, overrides).unwrap();
            (mapping.problems().count(), versions(&mapping.revisions))
        };
        assert_eq!(of(&Overrides::new()), (2, vec![]));
        assert_eq!(of(&Overrides::from([("a".to_owned(), None)])), (0, vec![1]));
        let both = ["a", "b"].map(|id| (id.to_owned(), Some(1)));
        assert_eq!(of(&Overrides::from(both)), (0, vec![1]));
    }

    #[test]
    fn a_squash_is_applied_where_the_last_of_its_range_is() {
        let squash = Revision { replaces: Some(2), ..revision(4, "squashed") };
        let set = RevisionSet::from_revisions(vec![revision(1, "one"), squash, revision(5, "five")]);
        let inside = || MappingProblem::InsideSquash { stem: "V4__squashed".to_owned() };
        for (applied, problems, expected) in [
            (&[1, 2, 3, 4, 5][..], vec![], vec![1, 4, 5]),
            (&[1, 2, 3, 4], vec![], vec![1, 4]),
            (&[1, 2, 3], vec![inside(), inside()], vec![1]),
            (&[1], vec![], vec![1]),
        ] {
            let name = |version: &i64| {
                ["", "one", "two", "three", "four", "five"][usize::try_from(*version).unwrap()]
            };
            let of = |version: &i64| {
                row(&version.to_string(), Some(*version), Some(name(version)), ForeignState::Applied)
            };
            let rows: Vec<ForeignRow> = applied.iter().map(of).collect();
            let mapping = Mapping::new(&set, &History::default(), "t", &rows, &Overrides::new()).unwrap();
            let told: Vec<MappingProblem> = mapping.problems().map(|(_, problem)| problem.clone()).collect();
            assert_eq!((told, versions(&mapping.revisions)), (problems, expected), "{applied:?}");
        }
        for (state, version, expected) in [
            (ForeignState::Head, 3, inside().into()),
            (ForeignState::Head, 4, found(set.get(4).unwrap(), true, MatchedBy::Version)),
            (ForeignState::Baseline, 3, inside().into()),
        ] {
            assert_eq!(
                meaning_of(&set, row("id", Some(version), None, state)),
                expected,
                "{state:?} {version}"
            );
        }
    }

    proptest! {
        /// Whatever is applied there, and recorded here: what is recorded is what is applied there and was not here, and
        /// what is older and in neither is a gap. The order of the rows does not matter, nor do numbers where there
        /// are names.
        #[test]
        fn nothing_is_lost_and_nothing_is_made_up(
            known in proptest::collection::btree_set(1..40_i64, 0..12),
            there in proptest::collection::btree_set(1..40_i64, 0..12),
            here in proptest::collection::btree_set(1..40_i64, 0..12),
            by_name in any::<bool>(),
            backwards in any::<bool>(),
        ) {
            let revisions = known.iter().map(|version| revision(*version, &format!("name_{version}x"))).collect();
            let revisions = RevisionSet::from_revisions(revisions);
            let here: Vec<i64> = here.intersection(&known).copied().collect();
            let mut rows: Vec<ForeignRow> = there
                .iter()
                .map(|version| {
                    let name = by_name.then(|| format!("Name {version}X"));
                    let number = if by_name { version + 1000 } else { *version };
                    row(&number.to_string(), Some(number), name.as_deref(), ForeignState::Applied)
                })
                .collect();
            if backwards {
                rows.reverse();
            }
            let mapping = Mapping::new(&revisions, &history(&here), "t", &rows, &Overrides::new()).unwrap();
            let expected: Vec<i64> =
                there.intersection(&known).filter(|version| !here.contains(version)).copied().collect();
            prop_assert_eq!(versions(&mapping.revisions), expected);
            prop_assert_eq!(mapping.problems().count(), there.difference(&known).count());
            let is_applied = |version: &&i64| there.contains(version) || here.contains(version);
            let newest = known.iter().filter(is_applied).max();
            let gaps: Vec<i64> = known
                .iter()
                .filter(|version| newest.is_some_and(|newest| *version < newest) && !is_applied(version))
                .copied()
                .collect();
            prop_assert_eq!(versions(&mapping.gaps), gaps);
        }
    }
}
