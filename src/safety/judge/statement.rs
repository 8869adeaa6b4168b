use super::LockMode;
use super::name::Name;
use super::token::{Token, tokens};

/// What a statement's text tells of the relations that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// Relations that are new after it.
    pub(super) creates: Vec<Created>,
    /// Indexes that are new after it, each with its table.
    pub(super) indexes: Vec<(Name, Name)>,
    /// Whether it makes its index on the parent of partitions alone.
    pub(super) on_only: bool,
    /// Whether it is content where what it is about is not there.
    pub(super) if_exists: bool,
    /// A relation's old and its new name, with a schema where that is new.
    pub(super) renames: Vec<(Name, Name)>,
    /// Relations that are there before it, and the lock that it takes on each.
    pub(super) locks: Vec<(Name, LockMode)>,
    /// Whether it waits for every older snapshot of the database.
    pub(super) waits_for_snapshots: bool,
    /// Relations and functions that are no longer what they were: dropped, or replaced.
    pub(super) ends: Vec<Name>,
    /// Constraints that hold for all rows after it.
    pub(super) checks: Vec<Check>,
    /// The relation that it puts rows into.
    pub(super) inserts: Option<Name>,
    /// The relation on which it makes a trigger or a rule.
    pub(super) triggers: Option<Name>,
    /// Relations of which what befalls the first may befall the second as well, from then on.
    pub(super) ties: Vec<(Name, Name)>,
    /// Whether it gives another name, or another schema, to a schema, a type or an extension.
    pub(super) renames_more: bool,
}

/// A constraint that a statement adds or validates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) table: Name,
    pub(super) constraint: String,
    /// The column of which it says that it has no nulls.
    pub(super) not_null: Option<String>,
    /// Whether every row was looked at.
    pub(super) validated: bool,
    /// Whether the constraint has to be there before.
    pub(super) validates: bool,
}

/// A relation that a statement creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Created {
    pub(super) name: Name,
    /// Whether one that is there already stays.
    pub(super) if_not_exists: bool,
}

/// Reads one statement. What it does not know takes no lock that matters here.
pub(super) fn read(text: &str) -> Statement {
    let tokens = tokens(text);
    let (mut statement, mut words) = (Statement::default(), Words(&tokens));
    if words.eat(&["create"]) {
        statement.created(&mut words);
    } else if words.eat(&["alter"]) {
        statement.altered(&mut words);
    } else if words.eat(&["drop"]) {
        statement.dropped(&mut words);
    } else if words.eat(&["refresh", "materialized", "view"]) {
        let mode = if words.eat(&["concurrently"]) { LockMode::Exclusive } else { LockMode::AccessExclusive };
        statement.lock(words.name(), mode);
    } else if words.eat(&["truncate"]) {
        words.eat(&["table"]);
        statement.lock_all(&mut words, LockMode::AccessExclusive);
    } else {
        statement.worked_on(&mut words);
    }
    statement
}

impl Statement {
    fn lock(&mut self, name: Option<Name>, mode: LockMode) {
        self.locks.extend(name.map(|name| (name, mode)));
    }

    fn lock_all(&mut self, words: &mut Words<'_>, mode: LockMode) {
        loop {
            words.eat(&["only"]);
            self.lock(words.name(), mode);
            words.eat(&["*"]);
            if !words.eat(&[","]) {
                return;
            }
        }
    }

    fn created(&mut self, words: &mut Words<'_>) {
        let replaces = words.eat(&["or", "replace"]);
        for kind in [
            "global",
            "local",
            "temp",
            "temporary",
            "unlogged",
            "foreign",
            "unique",
            "constraint",
            "recursive",
        ] {
            words.eat(&[kind]);
        }
        if words.eat(&["table"]) {
            self.new_relation(words);
            self.references(words);
            if words.find(&["partition", "of"]) {
                self.lock(words.name(), LockMode::AccessExclusive);
            }
        } else if ["view", "sequence"].iter().any(|kind| words.eat(&[kind]))
            || words.eat(&["materialized", "view"])
        {
            self.new_relation(words);
            self.ends.extend(self.creates.iter().filter(|_| replaces).map(|created| created.name.clone()));
        } else if words.eat(&["function"]) || words.eat(&["procedure"]) {
            self.ends.extend(words.name());
        } else if words.eat(&["index"]) {
            let concurrent = words.eat(&["concurrently"]);
            let mode = if concurrent { LockMode::ShareUpdateExclusive } else { LockMode::Share };
            self.waits_for_snapshots = concurrent;
            words.eat(&["if", "not", "exists"]);
            let index = if words.begins("on") { None } else { words.name() };
            self.on(words, mode);
            let table = self.locks.last().map(|(table, _)| table.clone());
            self.indexes.extend(index.zip(table));
        } else if words.eat(&["trigger"]) {
            self.on(words, LockMode::ShareRowExclusive);
            self.triggers = self.locks.last().map(|(table, _)| table.clone());
        } else if words.eat(&["policy"]) {
            self.on(words, LockMode::AccessExclusive);
        } else if words.eat(&["rule"]) && words.find(&["to"]) {
            self.triggers = words.name();
            self.lock(self.triggers.clone(), LockMode::AccessExclusive);
        }
    }

    fn new_relation(&mut self, words: &mut Words<'_>) {
        let if_not_exists = words.eat(&["if", "not", "exists"]);
        self.creates.extend(words.name().map(|name| Created { name, if_not_exists }));
    }

    fn on(&mut self, words: &mut Words<'_>, mode: LockMode) {
        if words.find(&["on"]) {
            self.on_only = words.eat(&["only"]);
            self.lock(words.name(), mode);
        }
    }

    /// Both ends of a foreign key are locked.
    fn references(&mut self, words: &Words<'_>) {
        let mut rest = Words(words.0);
        while rest.find(&["references"]) {
            self.lock(rest.name(), LockMode::ShareRowExclusive);
        }
    }

    fn dropped(&mut self, words: &mut Words<'_>) {
        let of_table = ["policy", "trigger", "rule"].iter().any(|kind| words.eat(&[kind]));
        if of_table {
            self.on(words, LockMode::AccessExclusive);
            return;
        }
        if words.eat(&["function"]) || words.eat(&["procedure"]) {
            words.eat(&["if", "exists"]);
            self.ends.extend(words.name());
            return;
        }
        words.eat(&["materialized"]);
        words.eat(&["foreign"]);
        if !["table", "view", "sequence", "index"].iter().any(|kind| words.eat(&[kind])) {
            return;
        }
        let concurrent = words.eat(&["concurrently"]);
        self.if_exists = words.eat(&["if", "exists"]);
        let mode = if concurrent { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
        self.waits_for_snapshots = concurrent;
        self.lock_all(words, mode);
        self.ends.extend(self.locks.iter().map(|(name, _)| name.clone()));
    }

    fn altered(&mut self, words: &mut Words<'_>) {
        if ["policy", "trigger", "rule"].iter().any(|kind| words.eat(&[kind])) {
            self.on(words, LockMode::AccessExclusive);
            return;
        }
        words.eat(&["foreign"]);
        words.eat(&["materialized"]);
        if words.eat(&["index"]) {
            self.if_exists = words.eat(&["if", "exists"]);
            let index = words.name();
            let moves = words.eat(&["set", "tablespace"]);
            self.lock(index, if moves { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive });
        } else if ["table", "view", "sequence"].iter().any(|kind| words.eat(&[kind])) {
            self.changed(words);
        } else if ["schema", "type", "domain", "extension", "collation"].iter().any(|kind| words.eat(&[kind]))
        {
            self.renames_more = words.has("rename") || words.find(&["set", "schema"]);
        }
    }

    fn changed(&mut self, words: &mut Words<'_>) {
        self.if_exists = words.eat(&["if", "exists"]);
        words.eat(&["only"]);
        let Some(table) = words.name() else { return };
        words.eat(&["*"]);
        let mut strongest = LockMode::AccessShare;
        for action in words.0.split(top_level_commas()) {
            strongest = strongest.max(self.action(&table, Words(action)));
        }
        self.locks.push((table, strongest));
    }

    /// The lock on the table for one action of `ALTER TABLE`; those on others are noted.
    fn action(&mut self, table: &Name, mut words: Words<'_>) -> LockMode {
        let start = Words(words.0);
        if words.eat(&["rename", "to"]) {
            self.renames.extend(words.name().map(|new| (table.clone(), new)));
        } else if words.eat(&["set", "schema"]) {
            let there = words.name().map(|new| Name { schema: Some(new.name), name: table.name.clone() });
            self.renames.extend(there.map(|new| (table.clone(), new)));
        } else if words.eat(&["attach", "partition"]) {
            let partition = words.name();
            self.ties.extend(partition.iter().map(|partition| (table.clone(), partition.clone())));
            self.lock(partition, LockMode::AccessExclusive);
            return LockMode::ShareUpdateExclusive;
        } else if words.eat(&["inherit"]) {
            let parent = words.name();
            self.ties.extend(parent.iter().map(|parent| (parent.clone(), table.clone())));
            self.lock(parent, LockMode::ShareUpdateExclusive);
        } else if words.eat(&["detach", "partition"]) {
            let partition = words.name();
            let concurrent = words.eat(&["concurrently"]) || words.eat(&["finalize"]);
            let mode = if concurrent { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
            self.waits_for_snapshots |= concurrent;
            self.lock(partition, mode);
            return mode;
        }
        let before = self.locks.len();
        self.references(&start);
        let referenced = self.locks[before..].iter().filter(|_| start.has("on"));
        self.ties.extend(referenced.map(|(referenced, _)| (referenced.clone(), table.clone())));
        self.checks.extend(start.check(table));
        let is_foreign_key = start.begins("add") && start.has("foreign") && start.has("references");
        if is_foreign_key || words.eat(&["enable", "trigger"]) || words.eat(&["disable", "trigger"]) {
            return LockMode::ShareRowExclusive;
        }
        let is_mild = words.eat(&["validate"])
            || words.eat(&["set", "("])
            || words.eat(&["reset", "("])
            || words.eat(&["cluster", "on"])
            || start.sets_statistics();
        if is_mild { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive }
    }

    /// Statements that change rows, and those that tend tables.
    fn worked_on(&mut self, words: &mut Words<'_>) {
        if words.eat(&["insert", "into"]) || words.eat(&["merge", "into"]) {
            words.eat(&["only"]);
            self.inserts = words.name();
            self.lock(self.inserts.clone(), LockMode::RowExclusive);
        } else if words.eat(&["delete", "from"]) || words.eat(&["update"]) {
            words.eat(&["only"]);
            self.lock(words.name(), LockMode::RowExclusive);
        } else if words.eat(&["lock"]) {
            words.eat(&["table"]);
            let mode = words.lock_mode().unwrap_or(LockMode::AccessExclusive);
            self.lock_all(words, mode);
        } else if words.eat(&["vacuum", "full"]) || words.eat(&["cluster"]) {
            self.lock(words.name(), LockMode::AccessExclusive);
        } else if words.eat(&["reindex"]) {
            let concurrent = words.has("concurrently");
            let mode = if concurrent { LockMode::ShareUpdateExclusive } else { LockMode::Share };
            self.waits_for_snapshots = concurrent;
            let found = words.find(&["table"]) || words.find(&["index"]);
            words.eat(&["concurrently"]);
            self.lock(found.then(|| words.name()).flatten(), mode);
        }
    }
}

/// Says of each token whether it is a comma outside parentheses.
fn top_level_commas() -> impl FnMut(&Token) -> bool {
    let mut depth = 0_i32;
    move |token| {
        match (token.quoted, token.text.as_str()) {
            (false, "(") => depth += 1,
            (false, ")") => depth -= 1,
            _ => {}
        }
        depth == 0 && !token.quoted && token.text == ","
    }
}

/// The tokens that are still to be read.
struct Words<'a>(&'a [Token]);

impl Words<'_> {
    fn eat(&mut self, keywords: &[&str]) -> bool {
        let is = |(token, keyword): (&Token, &&str)| !token.quoted && token.text == **keyword;
        let found = self.0.len() >= keywords.len() && self.0.iter().zip(keywords).all(is);
        if found {
            self.0 = &self.0[keywords.len()..];
        }
        found
    }

    /// Goes behind the next place where these keywords stand, or stays.
    fn find(&mut self, keywords: &[&str]) -> bool {
        for start in 0..self.0.len() {
            let mut words = Words(&self.0[start..]);
            if words.eat(keywords) {
                self.0 = words.0;
                return true;
            }
        }
        false
    }

    fn name(&mut self) -> Option<Name> {
        let (name, length) = Name::first_of(self.0)?;
        self.0 = &self.0[length..];
        Some(name)
    }

    /// `VALIDATE CONSTRAINT c`, or `ADD CONSTRAINT c CHECK (a IS NOT NULL)`.
    fn check(&self, table: &Name) -> Option<Check> {
        let mut words = Words(self.0);
        let validates = words.eat(&["validate", "constraint"]);
        if !validates && !words.eat(&["add", "constraint"]) {
            return None;
        }
        let (table, constraint) = (table.clone(), words.name()?.name);
        let mut not_null = None;
        if words.eat(&["check", "("]) {
            words.eat(&["("]);
            let column = words.name()?.name;
            not_null = (words.eat(&["is", "not", "null", ")"]) && !words.has("or")).then_some(column);
        }
        let validated = validates || !words.find(&["not", "valid"]);
        Some(Check { table, constraint, not_null, validated, validates })
    }

    /// `ALTER [COLUMN] c SET STATISTICS n`.
    fn sets_statistics(&self) -> bool {
        let mut words = Words(self.0);
        words.eat(&["alter"]) && {
            words.eat(&["column"]);
            words.name().is_some() && words.eat(&["set", "statistics"])
        }
    }

    /// That of `LOCK .. IN <mode> MODE`.
    fn lock_mode(&self) -> Option<LockMode> {
        let mut words = Words(self.0);
        if !words.find(&["in"]) {
            return None;
        }
        LockMode::ALL.into_iter().find(|mode| {
            let name = format!("{} MODE", mode.name()).to_lowercase();
            let keywords: Vec<_> = name.split(' ').collect();
            Words(words.0).eat(&keywords)
        })
    }

    fn begins(&self, keyword: &str) -> bool {
        Words(self.0).eat(&[keyword])
    }

    fn has(&self, keyword: &str) -> bool {
        self.0.iter().any(|token| !token.quoted && token.text == keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locks(text: &str) -> Vec<String> {
        read(text).locks.iter().map(|(name, mode)| format!("{name} {mode:?}")).collect()
    }

    #[test]
    fn locks_are_those_of_the_manual() {
        for (text, expected) in [
            ("ALTER TABLE ONLY orders ADD COLUMN note text", &["orders AccessExclusive"][..]),
            ("alter table orders validate constraint c", &["orders ShareUpdateExclusive"]),
            (
                "alter table orders alter a set statistics 500, set (fillfactor = 70)",
                &["orders ShareUpdateExclusive"],
            ),
            ("alter table orders validate constraint c, add b int", &["orders AccessExclusive"]),
            (
                "alter table orders add constraint c foreign key (a, b) references shop.goods (a, b) not valid",
                &["shop.goods ShareRowExclusive", "orders ShareRowExclusive"],
            ),
            ("create unique index i on only orders (id)", &["orders Share"]),
            ("create index concurrently if not exists i on orders (id)", &["orders ShareUpdateExclusive"]),
            ("drop table if exists a, shop.b cascade", &["a AccessExclusive", "shop.b AccessExclusive"]),
            ("alter materialized view totals set tablespace fast", &["totals AccessExclusive"]),
            ("alter policy p on orders to app", &["orders AccessExclusive"]),
            ("alter index i rename to j", &["i ShareUpdateExclusive"]),
            ("alter index i set tablespace fast", &["i AccessExclusive"]),
            ("alter table orders alter a type int using f(statistics)", &["orders AccessExclusive"]),
            ("drop trigger t on orders", &["orders AccessExclusive"]),
            ("create trigger t after insert on orders execute function f()", &["orders ShareRowExclusive"]),
            (
                "alter table p attach partition q for values in (1)",
                &["q AccessExclusive", "p ShareUpdateExclusive"],
            ),
            ("alter table p detach partition q", &["q AccessExclusive", "p AccessExclusive"]),
            ("truncate only a, b", &["a AccessExclusive", "b AccessExclusive"]),
            ("update orders set a = 1", &["orders RowExclusive"]),
            ("lock table a", &["a AccessExclusive"]),
            ("lock a in access share mode", &["a AccessShare"]),
            (
                "lock table only a, b in share row exclusive mode nowait",
                &["a ShareRowExclusive", "b ShareRowExclusive"],
            ),
            ("reindex table concurrently orders", &["orders ShareUpdateExclusive"]),
            ("refresh materialized view totals", &["totals AccessExclusive"]),
            ("create table a (b int references goods)", &["goods ShareRowExclusive"]),
            ("select 1", &[]),
            ("do $$ begin drop table a; end $$", &[]),
        ] {
            assert_eq!(locks(text), expected, "{text}");
        }
    }

    #[test]
    fn what_waits_for_snapshots() {
        assert!(read("create index concurrently on orders (id)").waits_for_snapshots);
        assert!(read("drop index concurrently i").waits_for_snapshots);
        assert!(!read("create index on orders (id)").waits_for_snapshots);
    }

    #[test]
    fn checks_that_hold_afterwards() {
        let check = |text: &str| {
            let check = read(text).checks.remove(0);
            (check.constraint, check.not_null, check.validated)
        };
        let added = check("alter table orders add constraint c check (\"A\" is not null) not valid");
        assert_eq!(added, ("c".into(), Some("A".into()), false));
        assert_eq!(check("alter table orders add constraint c check (a is not null or b)").1, None);
        assert_eq!(check("alter table orders validate constraint c"), ("c".into(), None, true));
    }

    #[test]
    fn new_names() {
        let statement = read("create table if not exists shop.a ()");
        assert_eq!(statement.creates[0].name.to_string(), "shop.a");
        assert!(statement.creates[0].if_not_exists);
        let (old, new) = read("alter table a rename to \"B\"").renames.remove(0);
        assert_eq!((old.to_string(), new.to_string()), ("a".into(), "\"B\"".into()));
        assert_eq!(read("create or replace temp view v as select 1").creates.len(), 1);
    }
}
