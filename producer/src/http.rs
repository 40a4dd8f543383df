//! What every client of this crate needs: the authorities to trust, and errors without URLs.

use reqwest::Certificate;
use runtime::tls::Authorities;

/// Authorities as a client takes them.
///
/// # Errors
/// When the client cannot read one of them.
pub(crate) fn certificates(
    authorities: Option<&Authorities>,
) -> Result<Vec<Certificate>, reqwest::Error> {
    match authorities {
        Some(authorities) => Certificate::from_pem_bundle(authorities.pem().as_bytes()),
        None => Ok(Vec::new()),
    }
}

/// An error with its causes and without the URL, which may hold a secret.
pub(crate) fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
        error.source()
    });
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
