//! Mail over SMTP.

use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use percent_encoding::percent_decode_str;
use runtime::environment::Source;
use runtime::tls::{self, Authorities};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::error::{ChannelError, SendError};
use super::message::Message;

const SMTP_URL: &str = "MEGA_SYNC_NOTIFY_SMTP_URL";
const FORM: &str = "smtps://USER@HOST:465 or smtp://USER@HOST:587?tls=required";
/// The longest time of one step of a conversation with the server.
const STEP: Duration = Duration::from_secs(20);
/// The longest time of a whole one.
const LONGEST: Duration = Duration::from_secs(60);

/// Who is written to, and over which server.
pub(crate) struct MailConfig {
    to: Vec<Mailbox>,
    from: Mailbox,
    server: Server,
}

/// A server, as its URL names it.
struct Server {
    host: String,
    port: u16,
    security: Security,
    /// The name that this machine gives itself.
    hello: Option<String>,
    credentials: Option<(String, SecretString)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// From the first byte.
    Tls,
    StartTls,
    /// Where the server offers it.
    IfOffered,
    None,
}

impl MailConfig {
    /// `MEGA_SYNC_NOTIFY_EMAIL` and, where it is set, the variables of the server. The outer `None` when one
    /// is wrong.
    pub fn read(source: &mut Source<'_>) -> Option<Option<Self>> {
        const TO: &str = "MEGA_SYNC_NOTIFY_EMAIL";
        const FROM: &str = "MEGA_SYNC_NOTIFY_FROM";
        let Some(to) = source.optional(TO) else {
            return Some(None);
        };
        let to = to.parse::<Mailboxes>().ok().map(Vec::<Mailbox>::from);
        let to = to.filter(|to| !to.is_empty());
        if to.is_none() {
            source.problem(format!("{TO} is no list of addresses with commas between"));
        }
        let from = source.required(FROM, "the address that mails come from");
        let from: Option<Mailbox> = from.and_then(|from| {
            let address = from.parse::<Mailbox>().ok();
            if address.is_none() {
                source.problem(format!("{FROM} is no address"));
            }
            address
        });
        let server = Server::read(source);
        Some(Some(Self {
            to: to?,
            from: from?,
            server: server?,
        }))
    }
}

impl Server {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let url = source.required(SMTP_URL, FORM);
        let password = source.secret("MEGA_SYNC_NOTIFY_SMTP_PASSWORD").ok();
        let server = Self::of(&url?, password?);
        server
            .map_err(|problem| source.problem(format!("{SMTP_URL} {problem}")))
            .ok()
    }

    /// The server of a URL. Problems do not quote it.
    fn of(url: &str, password: Option<SecretString>) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|_| format!("is no URL such as {FORM}"))?;
        let host = url.host_str().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let upgrade = url.query_pairs().find(|(name, _)| name == "tls");
        let upgrade = upgrade.map(|(_, value)| value.into_owned());
        let (security, port) = match (url.scheme(), upgrade.as_deref()) {
            ("smtps", None) => (Security::Tls, SUBMISSIONS_PORT),
            ("smtp", Some("required")) => (Security::StartTls, SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Security::IfOffered, SUBMISSION_PORT),
            ("smtp", None) => (Security::None, SMTP_PORT),
            _ => return Err(format!("is no URL such as {FORM}")),
        };
        if host.is_empty() {
            return Err("names no host".to_owned());
        }
        if url.password().is_some() {
            return Err("holds a password: MEGA_SYNC_NOTIFY_SMTP_PASSWORD takes it".to_owned());
        }
        let user = percent_decode_str(url.username()).decode_utf8();
        let user = user.map_err(|_| "names a user that is no text".to_owned())?;
        let credentials = match (user.is_empty(), password) {
            (true, None) => None,
            (true, Some(_)) => return Err("names no user for the password".to_owned()),
            (false, None) => return Err("names a user without a password".to_owned()),
            (false, Some(password)) => Some((user.into_owned(), password)),
        };
        let is_open = matches!(security, Security::None | Security::IfOffered);
        if credentials.is_some() && is_open && !tls::is_this_machine(&host) {
            return Err("would send the password without TLS: ?tls=required".to_owned());
        }
        let hello = url.path().trim_matches('/');
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            security,
            hello: (!hello.is_empty()).then(|| hello.to_owned()),
            credentials,
        })
    }

    /// Its TLS, as the URL says.
    fn tls(&self, authorities: Option<&Authorities>) -> Result<Tls, ChannelError> {
        if self.security == Security::None {
            return Ok(Tls::None);
        }
        let unusable = |error: lettre::transport::smtp::Error| ChannelError(error.to_string());
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(authorities) = authorities {
            let certificates = Certificate::from_pem(authorities.pem().as_bytes());
            parameters = parameters.add_root_certificate(certificates.map_err(unusable)?);
        }
        let parameters = parameters.build().map_err(unusable)?;
        Ok(match self.security {
            Security::Tls => Tls::Wrapper(parameters),
            Security::IfOffered => Tls::Opportunistic(parameters),
            Security::StartTls | Security::None => Tls::Required(parameters),
        })
    }
}

/// Sends mail.
pub(crate) struct Mail {
    to: Vec<Mailbox>,
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mail {
    pub fn new(
        config: MailConfig,
        authorities: Option<&Authorities>,
    ) -> Result<Self, ChannelError> {
        tls::install_provider();
        let MailConfig { to, from, server } = config;
        let tls = server.tls(authorities)?;
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
                .port(server.port)
                .tls(tls)
                .timeout(Some(STEP));
        if let Some(hello) = server.hello {
            transport = transport.hello_name(ClientId::Domain(hello));
        }
        if let Some((user, password)) = server.credentials {
            let password = password.expose_secret().to_owned();
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            to,
            from,
            transport: transport.build(),
        })
    }

    /// Sends a message to all recipients at once.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let mail = self.mail(message)?;
        match tokio::time::timeout(LONGEST, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(SendError::new(&error.to_string())),
            Err(_) => Err(SendError::new(&format!(
                "no answer within {} s",
                LONGEST.as_secs()
            ))),
        }
    }

    fn mail(&self, message: &Message) -> Result<lettre::Message, SendError> {
        let domain = self.from.email.domain();
        // So that no answering machine answers.
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .subject(&message.subject)
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .raw_header(automatic);
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        let mail = mail.singlepart(SinglePart::plain(message.body.clone()));
        mail.map_err(|error| SendError::new(&error.to_string()))
    }
}
