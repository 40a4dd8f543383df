//! A webhook of a test's own, whose answers the test chooses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub const KEY: &str = "a key of the webhook";

/// How one call is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With this status.
    Status(u16),
    /// With a redirect to this address.
    Redirect(String),
    /// Never.
    Hang,
}

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub signature: Option<String>,
    pub body: Vec<u8>,
}

/// A listener that answers each call as the test said, and keeps it.
pub struct Hook {
    port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Hook {
    /// Answers the first calls so, and each further one with 204.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        let kept = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.pop_front().unwrap_or(Answer::Status(204));
                tokio::spawn(take(stream, answer, Arc::clone(&kept)));
            }
        });
        Ok(Self { port, calls })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/services/T0/hunter2", self.port)
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no test panics with it").clone()
    }
}

impl Call {
    /// The body, whose signature must be right.
    pub fn verified(&self) -> anyhow::Result<Value> {
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes())?;
        mac.update(&self.body);
        let bytes = mac.finalize().into_bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let signature = self.signature.as_deref().context("it is not signed")?;
        ensure!(signature == format!("sha256={hex}"), "signed {signature}");
        Ok(serde_json::from_slice(&self.body)?)
    }
}

async fn take(
    stream: TcpStream,
    answer: Answer,
    calls: Arc<Mutex<Vec<Call>>>,
) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut length, mut signature) = (0, None);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            match line.trim_end().is_empty() {
                true => break,
                false => continue,
            }
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse()?,
            "x-mega-sync-signature" => signature = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let call = Call { signature, body };
    calls.lock().expect("no test panics with it").push(call);
    let head = match answer {
        Answer::Status(status) => format!("HTTP/1.1 {status} Chosen\r\n"),
        Answer::Redirect(to) => format!("HTTP/1.1 307 Elsewhere\r\nLocation: {to}\r\n"),
        Answer::Hang => std::future::pending().await,
    };
    let rest = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{head}{rest}").as_bytes()).await?;
    stream.flush().await?;
    Ok(())
}
