//! The newest run as it goes on, for any number of browsers: one task looks at the ledger while anybody
//! watches, and makes each part of the page once in each language.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::job::RunId;
use futures::{Stream, StreamExt as _, stream};
use producer::error::CommandError;
use producer::report::{find_run, summarise};
use store::Store;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::language::Language;
use crate::overview::RunPage;
use crate::shell::Shell;

/// How often the ledger is looked at while anybody watches.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// A browser asks again after this, and has to be let in again.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What browsers are shown, the newest last.
pub struct Live {
    shown: watch::Sender<Option<Arc<Shown>>>,
    stop: CancellationToken,
}

/// The newest run in both languages, as events.
#[derive(PartialEq, Eq)]
struct Shown([String; 2]);

/// An event.
#[derive(serde::Serialize)]
struct News<'a> {
    run: &'a RunId,
    /// What can change in place, by name.
    parts: BTreeMap<&'static str, String>,
    /// What the rest of the page shows.
    version: String,
}

impl Live {
    /// Looks at the ledger until `stop`, whenever anybody watches.
    pub fn begin(store: Arc<dyn Store>, stop: CancellationToken) -> Arc<Self> {
        let (shown, _) = watch::channel(None);
        let live = Arc::new(Self { shown, stop });
        tokio::spawn(Arc::clone(&live).look(store));
        live
    }

    async fn look(self: Arc<Self>, store: Arc<dyn Store>) {
        let mut ticks = interval(BETWEEN_LOOKS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.stop.run_until_cancelled(ticks.tick()).await.is_some() {
            if self.shown.receiver_count() == 0 {
                // Who comes later is not to see what was true now.
                self.shown.send_replace(None);
                continue;
            }
            match newest(&*store).await {
                Ok(shown) => {
                    let shown = Some(Arc::new(shown));
                    self.shown.send_if_modified(|last| {
                        let differs = *last != shown;
                        if differs {
                            *last = shown;
                        }
                        differs
                    });
                }
                Err(CommandError::NoRun) => {}
                Err(error) => tracing::warn!("the newest run is not known: {error}"),
            }
        }
    }

    /// What was known last, where anybody else watches, and what happens from now on.
    fn events(self: Arc<Self>, language: Language) -> impl Stream<Item = Event> {
        let mut shown = self.shown.subscribe();
        shown.mark_changed();
        let ended = async move {
            tokio::select! {
                () = tokio::time::sleep(LONGEST) => {}
                () = self.stop.cancelled() => {}
            }
        };
        let events = stream::unfold(shown, move |mut shown| async move {
            loop {
                shown.changed().await.ok()?;
                let last = shown.borrow_and_update().clone();
                if let Some(Shown(texts)) = last.as_deref() {
                    let event = Event::default().data(&texts[language as usize]);
                    return Some((event, shown));
                }
            }
        });
        events.take_until(ended)
    }
}

async fn newest(store: &dyn Store) -> Result<Shown, CommandError> {
    let run = find_run(store, None).await?;
    let summary = summarise(store, &run).await?;
    let text = |language| {
        let page = RunPage::watched(language, summary.clone());
        let news = News {
            run: page.run(),
            parts: page.parts()?,
            version: page.version(),
        };
        Ok::<_, anyhow::Error>(serde_json::to_string(&news)?)
    };
    let [portuguese, english] = Language::ALL.map(text);
    Ok(Shown([portuguese?, english?]))
}

/// `GET /live`: the newest run, for as long as the browser listens.
pub async fn events(
    Extension(shell): Extension<Shell>,
    Extension(live): Extension<Arc<Live>>,
) -> Response {
    let events = live.events(shell.language).map(Ok::<_, Infallible>);
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}
