/// Chooses ring for the HTTP clients, which come without cryptography of their own.
pub(crate) fn choose_provider() {
    // An error means that the program has chosen a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
