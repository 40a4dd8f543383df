//! Where notifications go, from the environment. Where nothing is set, nothing is sent.

use runtime::environment::Source;
use runtime::tls::Authorities;

use super::age::MaxAge;
use super::language::Language;
use super::mail::MailConfig;
use super::webhook::WebhookConfig;

/// Where notifications go, and in which language.
pub struct NotifyConfig {
    pub(super) mail: Option<MailConfig>,
    pub(super) webhook: Option<WebhookConfig>,
    pub(super) authorities: Option<Authorities>,
    pub(super) language: Language,
    pub(super) max_age: MaxAge,
}

impl NotifyConfig {
    /// `MEGA_SYNC_NOTIFY_*`, and `MEGA_SYNC_CA_FILE`. `None` when one is wrong, which `source` remembers.
    pub fn read(source: &mut Source<'_>) -> Option<Self> {
        let mail = MailConfig::read(source);
        let webhook = WebhookConfig::read(source);
        let (name, what) = ("MEGA_SYNC_NOTIFY_LANGUAGE", "pt-BR or en");
        let language = source.parsed(name, what, Language::Portuguese);
        let (name, what) = ("MEGA_SYNC_NOTIFY_MAX_AGE", "an age such as 26h, 90m or 2d");
        let max_age = source.parsed(name, what, MaxAge::DEFAULT);
        let authorities = source.authorities().ok();
        Some(Self {
            mail: mail?,
            webhook: webhook?,
            authorities: authorities?,
            language: language?,
            max_age: max_age?,
        })
    }

    /// The language of what is sent.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }
}

#[cfg(test)]
mod tests;
