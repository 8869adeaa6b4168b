use std::io;

use time::OffsetDateTime;

use super::place::VERIFIED;
use super::{BackupError, Listed, Manifest, Place, Verified};
use crate::db::blocking;

/// All backups of a place, the oldest first.
pub(crate) async fn list(place: &Place) -> Result<Vec<Listed>, BackupError> {
    let Some(shelf) = place.shelf() else { return Ok(Vec::new()) };
    let listed = blocking(move |_| Ok(shelf.list())).await.map_err(of_place(place))?;
    let mut listed = listed?;
    listed.sort_by(|one, other| age_and_name(one).cmp(&age_and_name(other)));
    Ok(listed)
}

/// Writes down that a backup was verified. One that was verified more thoroughly keeps that.
pub(crate) async fn record_verified(
    place: &Place,
    name: &str,
    verified: &Verified,
) -> Result<(), BackupError> {
    let Some(shelf) = place.shelf() else { return Ok(()) };
    let (name, verified) = (name.to_owned(), verified.clone());
    let recording = blocking(move |_| {
        let source = shelf.open(&name).map_err(io::Error::other)?;
        let before: Option<Verified> =
            source.open(VERIFIED).ok().and_then(|file| serde_json::from_reader(file).ok());
        match before {
            Some(before) if before.depth > verified.depth => Ok(()),
            _ => shelf.verified(&name, &verified),
        }
    });
    recording.await.map_err(of_place(place))
}

/// Backups that come one after another, so that an older one may be superfluous.
pub(crate) struct Series {
    /// The database's name.
    pub(crate) database: String,
    /// Its history table, qualified and quoted.
    pub(crate) history: String,
    /// Its server, where anybody knows.
    pub(crate) system: Option<String>,
}

impl Series {
    /// Whether a backup is one of them, as far as can be told.
    fn has(&self, listed: &Listed) -> bool {
        let Listed { manifest: Manifest { database, history_table, .. }, .. } = listed;
        database.name == self.database
            && *history_table == self.history
            && !database.is_of_another_server(self.system.as_deref())
    }
}

/// Removes those that neither number nor age keeps; their names.
pub(crate) async fn prune(
    place: &Place,
    of: &Series,
    (newest, days): (Option<usize>, Option<u32>),
    spared: &[String],
) -> Result<Vec<String>, BackupError> {
    let all: Vec<Listed> = list(place).await?.into_iter().filter(|listed| of.has(listed)).collect();
    let mut superfluous = superfluous(&all, newest, days, OffsetDateTime::now_utc());
    superfluous.retain(|name| !spared.contains(name));
    let Some(shelf) = place.shelf() else { return Ok(Vec::new()) };
    let removing = blocking(move |wanted| {
        let mut removed = Vec::new();
        for name in superfluous {
            wanted.check()?;
            match shelf.remove(&name)? {
                true => removed.push(name),
                false => tracing::warn!(backup = name, "somebody reads it, so it is not removed"),
            }
        }
        Ok(removed)
    });
    removing.await.map_err(of_place(place))
}

/// What neither number nor age keeps, of backups by age. The newest of a strategy stays, and the newest that was verified as
/// thoroughly as any of its strategy was.
fn superfluous(all: &[Listed], newest: Option<usize>, days: Option<u32>, now: OffsetDateTime) -> Vec<String> {
    let last = |is_it: &dyn Fn(&Listed) -> bool| all.iter().rev().find(|listed| is_it(listed));
    let mut stay: Vec<&str> = Vec::new();
    for strategy in super::Strategy::ALL {
        let is_of_it = |listed: &Listed| listed.manifest.strategy == strategy;
        stay.extend(last(&is_of_it).map(name));
        let depth = all.iter().filter(|listed| is_of_it(listed)).filter_map(depth).max();
        let is_best = |listed: &Listed| is_of_it(listed) && depth.is_some() && self::depth(listed) == depth;
        stay.extend(last(&is_best).map(name));
    }
    let is_young = |listed: &Listed| {
        days.is_some_and(|days| now - listed.manifest.taken_at < time::Duration::days(days.into()))
    };
    let first_kept = all.len() - newest.unwrap_or(0).min(all.len());
    let candidates = all[..first_kept].iter().filter(|listed| !is_young(listed));
    candidates.map(name).filter(|name| !stay.contains(name)).map(str::to_owned).collect()
}

fn name(listed: &Listed) -> &str {
    &listed.manifest.name
}

fn depth(listed: &Listed) -> Option<super::Depth> {
    listed.verified.as_ref().map(|verified| verified.depth)
}

fn age_and_name(listed: &Listed) -> (OffsetDateTime, &str) {
    (listed.manifest.taken_at, name(listed))
}

fn of_place(place: &Place) -> impl FnOnce(io::Error) -> BackupError {
    let place = place.to_string();
    move |source| BackupError::Place { place, source }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::backup::{DatabaseEntry, Depth, Strategy};

    /// One that was taken so many days ago.
    fn taken(days: i64, strategy: Strategy, verified: Option<Depth>) -> Listed {
        let now = OffsetDateTime::UNIX_EPOCH;
        let manifest = Manifest {
            form: 1,
            name: format!("{days}"),
            strategy,
            taken_at: now - time::Duration::days(days),
            duration_ms: 0,
            hardtack_version: String::new(),
            database: DatabaseEntry {
                name: String::new(),
                bytes: 0,
                system: None,
                traits: crate::db::DatabaseTraits::default(),
            },
            server_version: 0,
            history_table: String::new(),
            version: None,
            applied: 0,
            plan: None,
            fingerprint: String::new(),
            archive: None,
            tables: Vec::new(),
            chosen: String::new(),
            large_objects: None,
            files: std::collections::BTreeMap::new(),
        };
        let verified = verified.map(|depth| Verified { depth, at: now, server_version: None });
        Listed { manifest, verified }
    }

    fn goes(all: &[Listed], newest: Option<usize>, days: Option<u32>) -> Vec<String> {
        superfluous(all, newest, days, OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn either_keeps() {
        let all: Vec<Listed> = [9, 5, 3, 1].map(|days| taken(days, Strategy::Full, None)).into();
        assert_eq!(goes(&all, Some(1), None), ["9", "5", "3"]);
        assert_eq!(goes(&all, Some(1), Some(4)), ["9", "5"]);
        assert_eq!(goes(&all, None, Some(4)), ["9", "5"]);
        // The newest stays, however old.
        assert_eq!(goes(&all, None, Some(0)), ["9", "5", "3"]);
        assert_eq!(goes(&all, Some(7), None), [""; 0]);
    }

    #[test]
    fn the_newest_of_those_verified_best_stays() {
        let all = [
            taken(9, Strategy::Full, Some(Depth::Full)),
            taken(8, Strategy::Full, Some(Depth::Quick)),
            taken(7, Strategy::Tables, Some(Depth::Quick)),
            taken(6, Strategy::Full, None),
            taken(5, Strategy::Tables, None),
        ];
        assert_eq!(goes(&all, Some(0), None), ["8"]);
    }

    #[test]
    fn another_servers_are_not_this_ones() {
        let of = |system: Option<&str>| Series {
            database: String::new(),
            history: String::new(),
            system: system.map(str::to_owned),
        };
        let mut one = taken(1, Strategy::Full, None);
        assert!(of(None).has(&one) && of(Some("1")).has(&one));
        one.manifest.database.system = Some("1".to_owned());
        assert!(of(None).has(&one) && of(Some("1")).has(&one) && !of(Some("2")).has(&one));
    }

    proptest! {
        /// Whatever is removed, one that is verified as thoroughly as any was of its strategy is still there.
        #[test]
        fn never_the_last_verified(
            days in prop::collection::btree_set(0_i64..100, 0..12),
            kinds in prop::collection::vec((0_usize..3, 0_usize..3), 12),
            newest in prop::option::of(0_usize..12),
            within in prop::option::of(0_u32..100),
        ) {
            let depths = [None, Some(Depth::Quick), Some(Depth::Full)];
            let all: Vec<Listed> = days.into_iter().rev().zip(kinds)
                .map(|(days, (strategy, depth))| taken(days, Strategy::ALL[strategy], depths[depth])).collect();
            let gone = goes(&all, newest, within);
            for strategy in Strategy::ALL {
                let best = |kept: bool| all.iter()
                    .filter(|one| one.manifest.strategy == strategy && (!kept || !gone.contains(&one.manifest.name)))
                    .filter_map(depth).max();
                prop_assert_eq!(best(true), best(false));
            }
        }
    }
}
