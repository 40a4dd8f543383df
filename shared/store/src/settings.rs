//! Which database: `DATABASE_URL`, the schema in it, and whom to trust beside the authorities of the
//! system.

use runtime::environment::{CA_FILE, Source};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::connect::is_file;
use crate::schema_name::SchemaName;

/// Names the schema of a server's database that holds the tables.
pub const SCHEMA: &str = "MEGA_SYNC_SCHEMA";

/// `DATABASE_URL`, by itself or by file, or `default` where that is allowed. For a server it
/// names the schema of `MEGA_SYNC_SCHEMA`, and the file of `MEGA_SYNC_CA_FILE` unless it names
/// another.
pub fn database_url(source: &mut Source<'_>, default: Option<&str>) -> Option<SecretString> {
    const NAME: &str = "DATABASE_URL";
    let url = match default {
        None => source.required_secret(NAME, "postgres://user:password@host/database"),
        Some(default) => {
            let url = source.secret(NAME).ok()?;
            Some(url.unwrap_or_else(|| default.into()))
        }
    };
    source.authorities().ok()?;
    let url = match source.optional(CA_FILE) {
        Some(file) => url.map(|url| with_root_certificate(url, &file)),
        None => url,
    };
    match source.optional(SCHEMA) {
        Some(name) => with_schema(source, url?, &name),
        None => url,
    }
}

/// The URL of a server's database whose connections find their tables in a schema.
fn with_schema(source: &mut Source<'_>, url: SecretString, name: &str) -> Option<SecretString> {
    let name: SchemaName = match name.parse() {
        Ok(name) => name,
        Err(error) => {
            source.problem(format!("{SCHEMA} is {name:?}: {error}"));
            return None;
        }
    };
    if is_file(&url) {
        source.problem(format!("{SCHEMA} is set: a SQLite file has no schemas"));
        return None;
    }
    let Ok(mut parsed) = Url::parse(url.expose_secret()) else {
        return Some(url);
    };
    let mut query = parsed.query_pairs_mut();
    query.append_pair("options[search_path]", &name.to_string());
    drop(query);
    Some(String::from(parsed).into())
}

/// `DATABASE_URL` for processes that share their work with others, which SQLite cannot serve.
pub fn fleet_database_url(source: &mut Source<'_>) -> Option<SecretString> {
    let url = database_url(source, None);
    let shared = url.as_ref().is_some_and(|url| !is_file(url));
    if url.is_some() && !shared {
        source.problem(
            "DATABASE_URL is a SQLite file, which serves one process: a fleet with an \
             AMQP_URL needs postgres://…; mega-sync works with the file alone"
                .to_owned(),
        );
    }
    url.filter(|_| shared)
}

/// The URL of a server's database with a file of authorities, unless it has one. A URL of another kind
/// stays as it is.
fn with_root_certificate(url: SecretString, file: &str) -> SecretString {
    const NAMES: [&str; 3] = ["sslrootcert", "ssl-root-cert", "ssl-ca"];
    let Ok(mut parsed) = Url::parse(url.expose_secret()) else {
        return url;
    };
    let named = |(name, _): (std::borrow::Cow<'_, str>, _)| NAMES.contains(&&*name);
    let is_server = matches!(parsed.scheme(), "postgres" | "postgresql");
    if !is_server || parsed.query_pairs().any(named) {
        return url;
    }
    parsed.query_pairs_mut().append_pair("sslrootcert", file);
    String::from(parsed).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_certificate_of_the_url_and_a_file_stay() {
        for url in [
            "postgres://host/db?sslrootcert=/own.pem",
            "sqlite://x.sqlite",
        ] {
            let with = with_root_certificate(url.into(), "/ca.pem");
            assert_eq!(with.expose_secret(), url);
        }
    }
}
