//! Word to whoever must act: over a real mail server and a webhook, from what a real run leaves in the ledger.

mod hook;
mod mail_server;
mod told;

use simulator::Config;
use tests::{Fleet, GOLDEN};

use self::hook::{Answer, Hook, KEY};
use self::mail_server::{MailServer, PASSWORD, USER};
use crate::tls::certificates::Authority;

/// The exit code of `notify test`, and all that it prints.
async fn notify_test(fleet: &Fleet) -> anyhow::Result<(Option<i32>, String)> {
    let output = fleet.producer(&["notify", "test"]).await?;
    let told = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(told)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_arrives_by_mail_over_tls_alone() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::new(folder.path(), "ours").await?;
    let stranger = Authority::new(folder.path(), "stranger").await?;
    let certificate = authority.certify("mail").await?;
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let (code, told) = notify_test(&fleet).await?;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("MEGA_SYNC_NOTIFY_EMAIL"), "{told}");

    let secret = folder.path().join("password");
    std::fs::write(&secret, format!("{PASSWORD}\n"))?;
    fleet.add("MEGA_SYNC_CA_FILE", authority.file());
    fleet.add(
        "MEGA_SYNC_NOTIFY_EMAIL",
        "Ana <ana@obra.com.br>, rui@obra.com.br",
    );
    fleet.add("MEGA_SYNC_NOTIFY_FROM", "Mega Sync <mega-sync@obra.com.br>");
    fleet.add(
        "MEGA_SYNC_NOTIFY_SMTP_PASSWORD_FILE",
        secret.display().to_string(),
    );
    fleet.add("MEGA_SYNC_NOTIFY_SMTP_URL", "");
    let user = USER.replace('@', "%40");
    for mode in ["tls", "starttls"] {
        let mut server = MailServer::start(mode, &certificate).await?;
        let port = server.port;
        let url = match mode {
            "tls" => format!("smtps://{user}@127.0.0.1:{port}"),
            _ => format!("smtp://{user}@127.0.0.1:{port}?tls=required"),
        };
        fleet.set("MEGA_SYNC_NOTIFY_SMTP_URL", url);
        let (code, told) = notify_test(&fleet).await?;
        assert_eq!((code, told.as_str()), (Some(0), "email: sent\n"), "{mode}");
        let mail = server.mail().await?;
        assert_eq!(mail.from, "mega-sync@obra.com.br");
        assert_eq!(mail.to, ["ana@obra.com.br", "rui@obra.com.br"]);
        assert_eq!(mail.subject, "[mega-sync] mensagem de teste");
        assert!(mail.message_id.ends_with("@obra.com.br>"), "{mail:?}");
        assert!(mail.text.contains("Os avisos chegam por aqui."), "{mail:?}");

        // A wrong password is refused, and not told.
        std::fs::write(&secret, "wrong-hunter2")?;
        let (code, told) = notify_test(&fleet).await?;
        assert_eq!(code, Some(5), "{told}");
        assert!(told.contains("535") && !told.contains("hunter2"), "{told}");
        std::fs::write(&secret, PASSWORD)?;

        // A server whose certificate nobody vouches for gets no mail.
        fleet.set("MEGA_SYNC_CA_FILE", stranger.file());
        let (code, told) = notify_test(&fleet).await?;
        assert_eq!(code, Some(5), "{told}");
        assert!(told.contains("certificate"), "{told}");
        fleet.set("MEGA_SYNC_CA_FILE", authority.file());
    }
    fleet.remove_database().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_redirects_fails_or_hangs_is_told_without_its_url() -> anyhow::Result<()> {
    let elsewhere = Hook::start([]).await?;
    let hook = Hook::start([
        Answer::Status(204),
        Answer::Redirect(elsewhere.url()),
        Answer::Status(500),
        Answer::Hang,
    ])
    .await?;
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_NOTIFY_WEBHOOK_URL", hook.url());
    fleet.add("MEGA_SYNC_NOTIFY_WEBHOOK_KEY", KEY);
    fleet.add("MEGA_SYNC_NOTIFY_LANGUAGE", "en");

    let (code, told) = notify_test(&fleet).await?;
    assert_eq!((code, told.as_str()), (Some(0), "webhook: sent\n"));
    let body = hook.calls()[0].verified()?;
    assert_eq!(body["event"], "test");
    let text = body["text"].as_str().unwrap_or_default();
    assert!(text.starts_with("[mega-sync] test message\n\n"), "{body}");

    for why in ["redirects are not followed", "answered 500", "not sent"] {
        let (code, told) = notify_test(&fleet).await?;
        assert_eq!(code, Some(5), "{told}");
        assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
    }
    assert_eq!(hook.calls().len(), 4);
    assert_eq!(elsewhere.calls().len(), 0);
    fleet.remove_database().await
}
