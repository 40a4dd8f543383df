use runtime::environment::ConfigError;

use super::*;
use crate::notify::senders;

const PREFIX: &str = "MEGA_SYNC_NOTIFY_";

fn read(variables: &[(&str, &str)]) -> Result<NotifyConfig, ConfigError> {
    let mut source = Source::of(|name| {
        let name = name.strip_prefix(PREFIX)?;
        let variable = variables.iter().find(|(known, _)| *known == name);
        variable.map(|(_, value)| (*value).to_owned())
    });
    let config = NotifyConfig::read(&mut source);
    source.finish(config)
}

fn channels(variables: &[(&str, &str)]) -> Vec<String> {
    let senders = senders(read(variables).unwrap()).unwrap();
    let names = senders.iter().map(|sender| sender.channel().to_string());
    names.collect()
}

/// The problems of a server's URL, with a password or without.
fn problems(url: &str, password: Option<&str>) -> Vec<String> {
    let mut variables = vec![
        ("EMAIL", "ana@obra.com.br"),
        ("FROM", "mega-sync@obra.com.br"),
        ("SMTP_URL", url),
    ];
    variables.extend(password.map(|password| ("SMTP_PASSWORD", password)));
    match read(&variables) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

#[test]
fn nothing_is_sent_where_nothing_is_set() {
    assert_eq!(channels(&[]), [""; 0]);
    // A server alone has nobody to write to, and a key alone nothing to sign.
    let server = [("SMTP_URL", "smtps://mail"), ("WEBHOOK_KEY", "k")];
    assert_eq!(channels(&server), [""; 0]);
}

#[test]
fn a_channel_is_configured_by_where_it_goes() {
    let mail = [
        ("EMAIL", "Ana <ana@obra.com.br>, rui@obra.com.br"),
        ("FROM", "Mega Sync <mega-sync@obra.com.br>"),
        ("SMTP_URL", "smtp://127.0.0.1:2525"),
    ];
    assert_eq!(channels(&mail), ["email"]);
    let hook = ("WEBHOOK_URL", "http://127.0.0.1:1/services/T0/B0");
    assert_eq!(channels(&[hook]), ["webhook"]);
    assert_eq!(
        channels(&[&mail[..], &[hook]].concat()),
        ["email", "webhook"]
    );
    let english = read(&[("LANGUAGE", "en"), ("MAX_AGE", "2d")]).unwrap();
    assert_eq!(english.language, Language::English);
    assert_eq!(english.max_age.to_string(), "48h");
}

#[test]
fn every_problem_is_told_at_once_and_no_secret() {
    let error = read(&[
        ("EMAIL", "nobody"),
        ("WEBHOOK_URL", "hunter2"),
        ("LANGUAGE", "de"),
        ("MAX_AGE", "26"),
    ]);
    let problems = error.err().unwrap().problems().join("\n");
    for name in [
        "EMAIL",
        "FROM",
        "SMTP_URL",
        "WEBHOOK_URL",
        "LANGUAGE",
        "MAX_AGE",
    ] {
        assert!(problems.contains(&format!("{PREFIX}{name} ")), "{problems}");
    }
    assert!(!problems.contains("hunter2"), "{problems}");
}

#[test]
fn a_password_is_sent_over_tls_alone() {
    for url in [
        "smtps://ana%40obra.com.br@mail",
        "smtp://ana@mail:587?tls=required",
        "smtp://ana@127.0.0.1:25",
    ] {
        assert_eq!(problems(url, Some("hunter2")), [""; 0], "{url}");
    }
    assert_eq!(problems("smtp://relay:25", None), [""; 0]);
    for (url, password, why) in [
        ("smtp://ana@mail", Some("hunter2"), "without TLS"),
        (
            "smtp://ana@mail?tls=opportunistic",
            Some("hunter2"),
            "without TLS",
        ),
        ("smtps://ana:hunter2@mail", None, "holds a password"),
        ("smtps://ana@mail", None, "without a password"),
        ("smtps://mail", Some("hunter2"), "no user"),
        ("https://mail", None, "no URL such as"),
        ("smtp://mail?tls=yes", None, "no URL such as"),
        ("mail:25", None, "no URL such as"),
        ("smtp:", None, "names no host"),
    ] {
        let told = problems(url, password);
        assert!(told.len() == 1 && told[0].contains(why), "{url}: {told:?}");
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}
