//! The one cryptography provider of the process.

/// Makes ring the process's TLS provider, if none is chosen yet.
///
/// Several crates bring rustls along, and where more than one provider is compiled in it refuses
/// to choose. Call this before the first TLS connection; again does no harm.
pub fn install_provider() {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
