use std::ffi::OsString;

use super::ConnectOptions;
use super::ssl::Roots;

impl ConnectOptions {
    /// The same target as libpq's variables, for one of PostgreSQL's own programs. The password is among them.
    pub(super) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let join = |parts: Vec<String>| OsString::from(parts.join(","));
        let mut variables = vec![
            ("PGHOST", join(self.hosts.iter().map(|host| host.name.clone()).collect())),
            ("PGPORT", join(self.hosts.iter().map(|host| host.port.to_string()).collect())),
            ("PGUSER", OsString::from(&self.user)),
            ("PGDATABASE", OsString::from(&self.database)),
            ("PGSSLMODE", OsString::from(self.ssl.mode.to_string())),
        ];
        if self.hosts.iter().any(|host| host.address.is_some()) {
            let address = |address: std::net::IpAddr| address.to_string();
            let addresses = self.hosts.iter().map(|host| host.address.map(address).unwrap_or_default());
            variables.push(("PGHOSTADDR", join(addresses.collect())));
        }
        let password = self.hosts.first().and_then(|host| self.password_for(host));
        variables.extend(password.map(|password| ("PGPASSWORD", OsString::from(password.expose()))));
        match &self.ssl.roots {
            Roots::File(path) => variables.push(("PGSSLROOTCERT", path.into())),
            Roots::System => variables.push(("PGSSLROOTCERT", "system".into())),
            Roots::Missing(_) => {}
        }
        if let Some((certificate, key)) = &self.ssl.identity {
            variables.extend([("PGSSLCERT", certificate.into()), ("PGSSLKEY", key.into())]);
        }
        variables.extend(self.base.get_options().map(|options| ("PGOPTIONS", OsString::from(options))));
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_becomes_variables() {
        let url = "postgres://ada:hunter2@one:5433,two:5434/shop?sslmode=require&options=-c%20jit%3Doff";
        let options = ConnectOptions::resolve(Some(url), |_| None).unwrap();
        let variables = options.variables();
        let value = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_str().unwrap())
        };
        assert_eq!(value("PGHOST"), Some("one,two"));
        assert_eq!(value("PGPORT"), Some("5433,5434"));
        assert_eq!((value("PGUSER"), value("PGDATABASE")), (Some("ada"), Some("shop")));
        assert_eq!((value("PGPASSWORD"), value("PGSSLMODE")), (Some("hunter2"), Some("require")));
        assert_eq!((value("PGOPTIONS"), value("PGHOSTADDR")), (Some("-c jit=off"), None));
    }
}
