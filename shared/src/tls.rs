//! The one cryptography provider of the process, and which ways need TLS.

use std::net::IpAddr;

/// Makes ring the process's TLS provider, if none is chosen yet.
///
/// Several crates bring rustls along, and where more than one provider is compiled in it refuses
/// to choose. Call this before the first TLS connection; again does no harm.
pub fn install_provider() {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether a URL's host is this machine, so that nothing travels.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    loopback || host.eq_ignore_ascii_case("localhost")
}
