//! A reader's browser: Chromium without a window.

use std::path::Path;

use anyhow::Context as _;
use reqwest::Client;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities as _;
use thirtyfour::{DesiredCapabilities, TypingData, WebDriver};

use crate::chromedriver::Chromedriver;
use crate::wait::{self, LONGEST_WAIT};
use crate::web::Web;

pub use thirtyfour::Key;

/// Light or dark, as the reader's system has it.
#[derive(Debug, Clone, Copy)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A running browser with a window of 1280 by 900 pixels; nothing of it is left when it is dropped.
pub struct Browser {
    // Dropped in this order: the session closes the browser.
    session: WebDriver,
    _chromedriver: Chromedriver,
}

impl Browser {
    /// Starts the browser of a reader of Portuguese.
    pub async fn start() -> anyhow::Result<Self> {
        Self::in_language("pt-BR").await
    }

    /// Starts the browser of a reader of another language, by its tag.
    pub async fn in_language(tag: &str) -> anyhow::Result<Self> {
        let chromedriver = Chromedriver::start().await?;
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            // Tests may run as root, for whom Chromium has no sandbox.
            "--no-sandbox",
            "--disable-gpu",
            // Containers have little shared memory.
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
            &format!("--user-data-dir={}", chromedriver.profile()),
            &format!("--lang={tag}"),
        ] {
            wanted.add_arg(argument)?;
        }
        wanted.add_experimental_option("prefs", json!({"intl.accept_languages": tag}))?;
        runtime::tls::install_provider();
        let client = Client::builder().no_proxy().timeout(LONGEST_WAIT).build()?;
        let session = WebDriver::builder(chromedriver.url(), wanted).client(client);
        let browser = Self {
            session: session.await.context("Chromium does not start")?,
            _chromedriver: chromedriver,
        };
        browser.width(1280).await?;
        Ok(browser)
    }

    /// Opens a path of a page and waits until it is loaded.
    pub async fn open(&self, web: &Web, path: &str) -> anyhow::Result<()> {
        Ok(self.session.goto(format!("{}{path}", web.origin())).await?)
    }

    /// Loads the page again.
    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.session.refresh().await?)
    }

    /// The text of the page as a reader sees it.
    pub async fn text(&self) -> anyhow::Result<String> {
        self.run("return document.body.innerText", &[]).await
    }

    /// Waits until the page shows a text.
    ///
    /// # Errors
    /// When it does not; names a picture of the page then, and tells the text it shows.
    pub async fn sees(&self, text: &str) -> anyhow::Result<()> {
        let what = format!("the page shows {text:?}");
        let shown = wait::until(&what, async || Ok(self.text().await?.contains(text)));
        let Err(error) = shown.await else {
            return Ok(());
        };
        let picture = format!("mega-sync-page-{}.png", std::process::id());
        let picture = std::env::temp_dir().join(picture);
        self.screenshot(&picture).await?;
        Err(error.context(format!("{}: {}", picture.display(), self.text().await?)))
    }

    /// Clicks on the first link, button, label or choice that has this text, as soon as there is one.
    pub async fn click(&self, text: &str) -> anyhow::Result<()> {
        let script = "const all = [...document.querySelectorAll('a, button, label, option')];
                      return all.find(one => one.textContent.trim() == arguments[0]) ?? null";
        let what = format!("{text:?} to click on");
        let element = wait::found(&what, async || {
            let found = self.session.execute(script, [json!(text)]).await?;
            Ok(match found.json() {
                Value::Null => None,
                _ => Some(found.element()?),
            })
        });
        Ok(element.await?.click().await?)
    }

    /// Presses a [`Key`], or types a text, where the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) -> anyhow::Result<()> {
        Ok(self
            .session
            .action_chain()
            .send_keys(keys)
            .perform()
            .await?)
    }

    /// Runs a script on the page and gives what it returns; what it promises is waited for. It runs
    /// [`without_script`](Self::without_script) too, because it is not the page's.
    pub async fn run<T: DeserializeOwned>(
        &self,
        script: &str,
        arguments: &[Value],
    ) -> anyhow::Result<T> {
        Ok(self.session.execute(script, arguments).await?.convert()?)
    }

    /// Switches the theme, from now on.
    pub async fn theme(&self, theme: Theme) -> anyhow::Result<()> {
        let value = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.emulate("setEmulatedMedia", json!({ "features": features }))
            .await
    }

    /// Makes the window so many pixels wide, from now on.
    pub async fn width(&self, pixels: u32) -> anyhow::Result<()> {
        self.size([pixels, 900]).await
    }

    /// Makes the window so many pixels wide and high, from now on.
    pub async fn size(&self, [width, height]: [u32; 2]) -> anyhow::Result<()> {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.emulate("setDeviceMetricsOverride", size).await
    }

    /// Runs no script of a page, from now on.
    pub async fn without_script(&self) -> anyhow::Result<()> {
        self.emulate("setScriptExecutionDisabled", json!({"value": true}))
            .await
    }

    async fn emulate(&self, what: &str, parameters: Value) -> anyhow::Result<()> {
        let command = format!("Emulation.{what}");
        self.session.cdp().send_raw(&command, parameters).await?;
        Ok(())
    }

    /// Writes what the window shows to a file, as PNG.
    pub async fn screenshot(&self, file: &Path) -> anyhow::Result<()> {
        Ok(self.session.screenshot(file).await?)
    }
}
