//! How to reach the ERP, and the limits of a call.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use runtime::environment::Source;
use runtime::tls::Authorities;
use secrecy::SecretString;
use url::Url;

/// How to reach the ERP, and the limits of a call.
#[derive(Debug, Clone)]
pub struct MegaConfig {
    /// Base of all routes.
    pub url: Url,
    /// The customer's GUID, sent as a header.
    pub tenant_id: String,
    /// The user that signs in.
    pub username: String,
    /// The user's password.
    pub password: SecretString,
    /// Limit of one call, from the first byte sent to the last received.
    pub timeout: Duration,
    /// Most calls in flight at once, of the whole fleet.
    pub concurrency: usize,
    /// Most tries of one call.
    pub tries: u32,
    /// The wait before the second try, give or take half; doubles with each further one.
    pub retry_base: Duration,
    /// Certificate authorities trusted in addition to the system's.
    pub authorities: Option<Authorities>,
}

impl MegaConfig {
    /// Longest time of one call, unless set otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(60);
    /// Tries of one call, unless set otherwise.
    pub const TRIES: u32 = 4;
    /// Most calls in flight of a fleet, unless set otherwise. With the latency measured, 64 reach
    /// 84 % of what the ERP can deliver and 96 reach 89 %; an answer then takes 10 s, a sixth of the
    /// timeout.
    pub const CONCURRENCY: usize = 96;

    /// Settings for an ERP, with the default limits.
    pub fn new(url: Url, tenant_id: String, username: String, password: SecretString) -> Self {
        Self {
            url,
            tenant_id,
            username,
            password,
            timeout: Self::TIMEOUT,
            concurrency: Self::CONCURRENCY,
            tries: Self::TRIES,
            retry_base: Duration::from_millis(500),
            authorities: None,
        }
    }

    /// Reads `MEGA_API_*`; the password from its variable or from a file. `concurrency` comes from a
    /// flag or its variable.
    pub fn read(source: &mut Source<'_>, concurrency: usize) -> Option<Self> {
        let url = source.required("MEGA_API_URL", "the base URL of the ERP's API");
        let url = url.and_then(|text| match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
                Some(url)
            }
            _ => {
                source.problem("MEGA_API_URL is no http:// or https:// URL".to_owned());
                None
            }
        });
        let tenant_id = source.required("MEGA_API_TENANT_ID", "the customer's GUID");
        let username = source.required("MEGA_API_USERNAME", "who signs in");
        let password = source.required_secret("MEGA_API_PASSWORD", "with what");
        let timeout = source.parsed(
            "MEGA_API_TIMEOUT",
            "whole seconds that one call may take, 1 or more",
            NonZeroU64::new(Self::TIMEOUT.as_secs()).expect("not zero"),
        );
        let tries = source.parsed(
            "MEGA_API_TRIES",
            "how often one call is tried, 1 or more",
            NonZeroU32::new(Self::TRIES).expect("not zero"),
        );
        let authorities = source.authorities();
        Some(Self {
            authorities: authorities.ok()?,
            timeout: Duration::from_secs(timeout?.get()),
            concurrency,
            tries: tries?.get(),
            ..Self::new(url?, tenant_id?, username?, password?)
        })
    }
}
