use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::{quote_identifier, quote_literal};
use crate::config::Role;

/// What a database is beside what is in it: what another one must be like to take its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct DatabaseTraits {
    /// Its encoding.
    pub encoding: String,
    /// Its `LC_COLLATE`.
    pub collate: String,
    /// Its `LC_CTYPE`.
    pub ctype: String,
    /// Who provides its locale: `c`, `i` for ICU, `b` for the server itself; none before PostgreSQL 15.
    pub provider: Option<String>,
    /// The provider's name of the locale.
    pub locale: Option<String>,
    /// ICU's rules.
    pub rules: Option<String>,
    /// Its owner.
    pub owner: String,
    /// The tablespace that it is in; none for the server's own.
    pub tablespace: Option<String>,
    /// How many connections it takes; -1 for as many as the server has.
    pub connection_limit: i32,
    /// Its comment.
    pub comment: Option<String>,
    /// Settings of its sessions.
    pub settings: Vec<DatabaseSetting>,
    /// Who may do what with it; none for what a new database has.
    pub grants: Option<Vec<DatabaseGrant>>,
}

/// A setting of a database's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct DatabaseSetting {
    /// For whom; none for everybody.
    pub role: Option<String>,
    /// Name, equals sign and value.
    pub setting: String,
}

/// A right on a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "admin", derive(utoipa::ToSchema))]
pub struct DatabaseGrant {
    /// Who has it; none for everybody.
    pub grantee: Option<String>,
    /// Which.
    pub privilege: String,
    /// Whether it may be passed on.
    pub grantable: bool,
}

/// The columns of the locale have other names in every second version.
const TRAITS: &str = "select pg_catalog.jsonb_build_object( \
        'encoding', pg_catalog.pg_encoding_to_char(d.encoding), 'collate', d.datcollate, 'ctype', d.datctype, \
        'provider', j ->> 'datlocprovider', 'locale', coalesce(j ->> 'datlocale', j ->> 'daticulocale'), \
        'rules', j ->> 'daticurules', 'owner', pg_catalog.pg_get_userbyid(d.datdba), \
        'tablespace', (select t.spcname from pg_catalog.pg_tablespace t where t.oid = d.dattablespace \
            and t.spcname <> 'pg_default'), \
        'connection_limit', d.datconnlimit, 'comment', pg_catalog.shobj_description(d.oid, 'pg_database'), \
        'settings', (select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object( \
                'role', case when s.setrole <> 0 then pg_catalog.pg_get_userbyid(s.setrole) end, 'setting', u.setting) \
                order by s.setrole, u.place), '[]') \
            from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) with ordinality u (setting, place) \
            where s.setdatabase = d.oid), \
        'grants', (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object( \
                'grantee', case when a.grantee <> 0 then pg_catalog.pg_get_userbyid(a.grantee) end, \
                'privilege', a.privilege_type, 'grantable', a.is_grantable)) \
            from pg_catalog.aclexplode(d.datacl) a)), \
        current_user, d.datname \
    from pg_catalog.pg_database d, pg_catalog.to_jsonb(d) j where d.datname = pg_catalog.current_database()";

/// Settings whose value is a list that the server keeps quoted.
const LISTS: [&str; 5] = [
    "search_path",
    "temp_tablespaces",
    "session_preload_libraries",
    "local_preload_libraries",
    "shared_preload_libraries",
];

impl DatabaseTraits {
    /// Those of the session's database, with the session's role and the database's name.
    pub(crate) async fn of(client: &Client) -> Result<(Self, String, String), tokio_postgres::Error> {
        let messages = client.simple_query(TRAITS).await?;
        let found = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                let text = |column: usize| row.get(column).unwrap_or_default();
                Some((serde_json::from_str(text(0)).ok()?, text(1).to_owned(), text(2).to_owned()))
            }
            _ => None,
        });
        // A session is always in a database, which is always listed.
        Ok(found.unwrap_or_default())
    }

    /// The statement that creates an empty database of this encoding and locale, for a server of this `server_version_num`.
    pub(super) fn create(&self, name: &str, owner: Option<&Role>, server: u32) -> String {
        let mut text = format!(
            "create database {name} template template0 encoding {} lc_collate {} lc_ctype {}",
            quote_literal(&self.encoding),
            quote_literal(&self.collate),
            quote_literal(&self.ctype),
        );
        if let Some(owner) = owner {
            text.push_str(&format!(" owner {owner}"));
        }
        if let Some(tablespace) = &self.tablespace {
            text.push_str(&format!(" tablespace {}", quote_identifier(tablespace)));
        }
        let locale = match self.provider.as_deref() {
            Some("i") => "icu",
            Some("b") => "builtin",
            // The C library's are all there is before version 15, which does not know the clause; later ones would take
            // the template's provider.
            _ if server < 150_000 => return text,
            _ => "libc",
        };
        text.push_str(&format!(" locale_provider {locale}"));
        for (option, value) in
            [(format!("{locale}_locale"), &self.locale), ("icu_rules".to_owned(), &self.rules)]
        {
            if let Some(value) = value {
                text.push_str(&format!(" {option} {}", quote_literal(value)));
            }
        }
        text
    }

    /// The statement that gives a database the default `search_path`; none where there is none.
    pub(crate) fn search_path(&self, name: &str) -> Option<String> {
        let is_it = |setting: &&DatabaseSetting| {
            setting.role.is_none()
                && setting.setting.strip_prefix("search_path=").is_some_and(|path| !path.trim().is_empty())
        };
        self.settings.iter().find(is_it).map(|setting| setting.statement(name))
    }

    /// The statements that make another database like this one in all else but its owner.
    #[cfg(feature = "backup")]
    pub(crate) fn likeness(&self, name: &str) -> Vec<String> {
        let mut statements: Vec<String> =
            self.settings.iter().map(|setting| setting.statement(name)).collect();
        if let Some(grants) = &self.grants {
            statements.push(format!("revoke all on database {name} from public"));
            statements.extend(grants.iter().map(|grant| grant.statement(name)));
        }
        if let Some(comment) = &self.comment {
            statements.push(format!("comment on database {name} is {}", quote_literal(comment)));
        }
        if self.connection_limit >= 0 {
            statements.push(format!("alter database {name} with connection limit {}", self.connection_limit));
        }
        statements
    }
}

impl DatabaseSetting {
    fn statement(&self, database: &str) -> String {
        let (name, value) = self.setting.split_once('=').unwrap_or((&self.setting, ""));
        let value = match parts(value).filter(|_| LISTS.contains(&name)) {
            Some(parts) => parts.iter().map(|part| quote_literal(part)).collect::<Vec<_>>().join(", "),
            None => quote_literal(value),
        };
        let name = name.split('.').map(quote_identifier).collect::<Vec<_>>().join(".");
        match &self.role {
            Some(role) => {
                format!("alter role {} in database {database} set {name} = {value}", quote_identifier(role))
            }
            None => format!("alter database {database} set {name} = {value}"),
        }
    }
}

/// The parts of a list as the server keeps it, with commas between, and quoted where they need it; none of what is no such list.
fn parts(value: &str) -> Option<Vec<String>> {
    let (mut parts, mut rest) = (Vec::new(), value.trim());
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_part(quoted)?,
            None => {
                let (part, behind) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                // So the server reads a name that is not quoted; it quotes what has capitals.
                (part.trim_end().to_ascii_lowercase(), behind)
            }
        };
        parts.push(part);
        rest = match behind.trim_start() {
            "" => return Some(parts),
            behind => behind.strip_prefix(',')?.trim_start(),
        };
    }
}

/// What is in quotes, and what comes behind the closing one; in them, two stand for one.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let (mut part, mut rest) = (String::new(), text);
    loop {
        let (before, behind) = rest.split_once('"')?;
        part.push_str(before);
        rest = match behind.strip_prefix('"') {
            Some(behind) => behind,
            None => return Some((part, behind)),
        };
        part.push('"');
    }
}

#[cfg(feature = "backup")]
impl DatabaseGrant {
    /// Whether it is one that databases have.
    pub(crate) fn is_of_databases(&self) -> bool {
        ["CONNECT", "CREATE", "TEMPORARY"].contains(&&*self.privilege)
    }

    fn statement(&self, database: &str) -> String {
        let grantee = self.grantee.as_ref().map_or("public".to_owned(), |role| quote_identifier(role));
        let option = if self.grantable { " with grant option" } else { "" };
        format!("grant {} on database {database} to {grantee}{option}", self.privilege)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_the_c_librarys_whatever_the_template_has() {
        let traits = |provider: Option<&str>| DatabaseTraits {
            encoding: "UTF8".to_owned(),
            collate: "C".to_owned(),
            ctype: "C".to_owned(),
            provider: provider.map(str::to_owned),
            locale: provider.filter(|provider| *provider != "c").map(|_| "en".to_owned()),
            ..DatabaseTraits::default()
        };
        let created = "create database d template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'";
        for (provider, server, behind) in [
            (None, 140_010, ""),
            (None, 160_000, " locale_provider libc"),
            (Some("c"), 150_000, " locale_provider libc"),
            (Some("i"), 150_000, " locale_provider icu icu_locale 'en'"),
            (Some("b"), 170_000, " locale_provider builtin builtin_locale 'en'"),
        ] {
            assert_eq!(traits(provider).create("d", None, server), format!("{created}{behind}"));
        }
    }

    #[test]
    fn settings_are_quoted_part_by_part() {
        let setting = |role: Option<&str>, setting: &str| DatabaseSetting {
            role: role.map(str::to_owned),
            setting: setting.to_owned(),
        };
        let all = [
            (
                setting(None, "search_path=app, \"$user\""),
                "alter database \"d\" set \"search_path\" = 'app', '$user'",
            ),
            (
                setting(None, "search_path=\"a \"\"b, \",App , \"\""),
                "alter database \"d\" set \"search_path\" = 'a \"b, ', 'app', ''",
            ),
            (
                setting(None, "search_path=a; drop database x"),
                "alter database \"d\" set \"search_path\" = 'a; drop database x'",
            ),
            (
                setting(None, "search_path=\"a\"; drop database x"),
                "alter database \"d\" set \"search_path\" = '\"a\"; drop database x'",
            ),
            (setting(None, "work_mem=64MB"), "alter database \"d\" set \"work_mem\" = '64MB'"),
            (
                setting(Some("ada"), "my.key=it's"),
                "alter role \"ada\" in database \"d\" set \"my\".\"key\" = 'it''s'",
            ),
            (setting(None, "search_path="), "alter database \"d\" set \"search_path\" = ''"),
        ];
        for (setting, expected) in all {
            assert_eq!(setting.statement("\"d\""), expected);
        }
    }
}
