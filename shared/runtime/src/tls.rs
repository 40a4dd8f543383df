//! TLS: the cryptography provider of the process, the authorities to trust beside those of the
//! system, and the hosts that need no TLS.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use thiserror::Error;

/// Makes ring the process's TLS provider, if none is chosen yet.
///
/// Several crates depend on rustls, which refuses to choose where more than one provider is compiled
/// in. Call this before the first TLS connection. A second call changes nothing.
pub fn install_provider() {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether a URL's host is this machine, so that no network is used.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    loopback || host.eq_ignore_ascii_case("localhost")
}

/// Authorities whose certificates are trusted beside those of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    pem: Arc<str>,
}

/// Why a text holds no authorities.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum AuthoritiesError {
    /// The text has no certificate.
    #[error("it holds no certificate in PEM format")]
    None,
    /// A certificate cannot be read.
    #[error("one of its certificates cannot be read")]
    Unreadable,
}

impl Authorities {
    /// The authorities of a text in PEM format.
    ///
    /// # Errors
    /// When the text has no certificate, or one that cannot be read.
    pub fn parse(pem: &str) -> Result<Self, AuthoritiesError> {
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| AuthoritiesError::Unreadable)?;
            let added = store.add(certificate);
            added.map_err(|_| AuthoritiesError::Unreadable)?;
        }
        match store.is_empty() {
            true => Err(AuthoritiesError::None),
            false => Ok(Self { pem: pem.into() }),
        }
    }

    /// Their certificates.
    pub fn certificates(&self) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_slice_iter(self.pem.as_bytes())
            .filter_map(Result::ok)
            .collect()
    }

    /// The text in PEM format, as it was read.
    pub fn pem(&self) -> &str {
        &self.pem
    }
}
